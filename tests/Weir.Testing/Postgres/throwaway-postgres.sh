#!/usr/bin/env bash
# usage: throwaway-postgres.sh MAJOR PORT [tls] [standby PORT] [NAME=VALUE...]
# Runs a PostgreSQL server until its standard input ends (also when the test that started it is killed), then removes it.
# With `standby PORT` it follows the server on that port, of the same major version, by streaming replication.
# Prints KEY=value lines (bin, data, log, password, ca) and, when the server accepts connections, `ready`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=../../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../../deploy/lib/processes.sh
source "$root/deploy/lib/processes.sh"
# shellcheck source=../../../deploy/lib/postgres.sh
source "$root/deploy/lib/postgres.sh"

major=$1 port=$2
shift 2
tls=false
if [ "${1:-}" = tls ]; then
  tls=true
  shift
fi
primary=
if [ "${1:-}" = standby ]; then
  primary=$2
  shift 2
fi
bin=$(postgres_binaries "$major")
cache=$(cache_directory)
version=$("$bin/postgres" --version | sed 's/[^0-9.]*\([0-9.]*\).*/\1/')
template=$cache/clusters/$version

# initdb takes a second or two: it is done once per version and copied.
(
  umask 077
  mkdir -p "$template"
  chmod 755 "$cache/clusters" "$template"
  exec 8>"$template/lock"
  flock --wait 120 8
  if ! [ -e "$template/complete" ]; then
    random_password >"$template/password"
    create_cluster "$bin" "$template" "$template/password"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
      -keyout "$template/server.key" -out "$template/server.crt" 2>/dev/null
    touch "$template/complete"
  fi
)

work=$(mktemp -d "${TMPDIR:-/tmp}/weir-postgres.XXXXXXXX")
chmod 755 "$work"
remove() {
  trap '' TERM INT HUP
  stop_process "$work/pid" 5 QUIT
  rm -rf "$work"
}
trap remove EXIT
trap exit TERM INT HUP
if [ -n "$primary" ]; then
  install -d -m 700 ${postgres_user:+-o "$postgres_user"} "$work/data"
  # It writes the address of the primary, with the password, into the configuration of the copy.
  (cd / && PGPASSWORD=$(cat "$template/password") "${as_postgres[@]}" "$bin/pg_basebackup" --host=127.0.0.1 --port="$primary" --username=postgres \
    --pgdata="$work/data" --write-recovery-conf --wal-method=stream --checkpoint=fast)
else
  cp -a "$template/data" "$work/data"
fi
settings=(fsync=off synchronous_commit=off full_page_writes=off shared_buffers=64MB max_connections=300 "$@")
if $tls; then
  install -m 600 ${postgres_user:+-o "$postgres_user"} "$template/server.key" "$work/data/server.key"
  install -m 644 "$template/server.crt" "$work/data/server.crt"
  install -m 644 "$template/server.crt" "$work/ca.crt"
  settings+=(ssl=on)
  printf 'ca=%s\n' "$work/ca.crt"
fi
printf '%s\n' "bin=$bin" "data=$work/data" "log=$work/log" "password=$(cat "$template/password")"
cd /
start_process "$work/pid" "$work/log" "${as_postgres[@]}" "$bin/postgres" -D "$work/data" -p "$port" "${settings[@]/#/-c}"
wait_until 60 cluster_settled "$work" "$work/pid"
cluster_accepts "$work" "$work/pid" || {
  cat "$work/log" >&2
  exit 1
}
echo ready
# Anything written to it is ignored: what counts is its end. (read, unlike cat, gives way to a signal.)
while read -r _; do :; done
