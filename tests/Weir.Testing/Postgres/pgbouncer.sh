#!/usr/bin/env bash
# usage: pgbouncer.sh PORT UPSTREAM_PORT POOL_MODE; the upstream superuser's password is in UPSTREAM_PASSWORD
# Runs a PgBouncer in front of a server of ours until its standard input ends. Prints `ready` when it accepts connections.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=../../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../../deploy/lib/processes.sh
source "$root/deploy/lib/processes.sh"
# shellcheck source=../../../deploy/lib/postgres.sh
source "$root/deploy/lib/postgres.sh"

port=$1 upstream_port=$2 pool_mode=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-pgbouncer.XXXXXXXX")
remove() {
  trap '' TERM INT HUP
  stop_process "$work/pid" 5 INT
  rm -rf "$work"
}
trap remove EXIT
trap exit TERM INT HUP
chmod 755 "$work"
install -m 600 ${postgres_user:+-o "$postgres_user"} /dev/null "$work/users"
printf '"postgres" "%s"\n' "$UPSTREAM_PASSWORD" >"$work/users"
cat >"$work/pgbouncer.ini" <<CONF
[databases]
* = host=127.0.0.1 port=$upstream_port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $work/users
pool_mode = $pool_mode
CONF
start_process "$work/pid" "$work/log" "${as_postgres[@]}" "$(PATH=$PATH:/usr/sbin command -v pgbouncer)" "$work/pgbouncer.ini"
settled() {
  port_answers "$port" || ! running_pid "$work/pid" >/dev/null
}
wait_until 20 settled
running_pid "$work/pid" >/dev/null || {
  cat "$work/log" >&2
  exit 1
}
echo ready
while read -r _; do :; done
