#!/usr/bin/env bash
# PostgreSQL's own regression suite (pg_regress), once straight to the database and once through the agent; both must print the same, test by test.
# tests/compat/regress.sh [--short|--ci] [--keep] [--server 14|15|16|17|18] [TEST...]; tests/compat/regress.sh --stop
#   --ci      a handful of tests, those in which the protocol itself has a part: less than a minute once Weir is built
#   --short   about a third of the tests, those that say most about the wire
#   --keep    what was started goes on; a next run uses it
#   --stop    ends what --keep has left
#   --server  another server than the installed one: the tests stay those of version 15, and what fails does so on both roads alike
# The suite comes from Debian's source package of the installed server and is kept in the cache; nothing of it belongs to this repository.
# The exit status is 77 when the suite can't be had.
# What may differ is listed in regress-differences.txt, with the reason in README.md; any other difference is a failure.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for library in output packages processes postgres; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

major=15
port=${REGRESS_PORT:-27460}
state=${REGRESS_STATE:-$root/.perf/regress}
form=whole keep=false stop=false
server=$major
tests=()
while [ $# -gt 0 ]; do
  case $1 in
    --short | --ci) form=${1#--} ;;
    --keep) keep=true ;;
    --stop) stop=true ;;
    --server)
      shift
      server=${1:-}
      ;;
    -*) die "usage: regress.sh [--short|--ci] [--keep|--stop] [--server MAJOR] [TEST...]" ;;
    *) tests+=("$1") ;;
  esac
  shift
done
# The first two make what most of the others use. (test_setup always runs.)
short_tests=(create_index create_misc boolean char varchar text int4 int8 float8 numeric uuid enum strings date timestamptz interval inet
  regex comments expressions encoding copy copyselect copydml insert insert_conflict errors create_table create_view select transactions portals
  prepared_xacts arrays update delete subselect union join aggregates psql psql_crosstab guc xml json jsonb plancache limit copy2 temp prepare
  conversion truncate returning largeobject with async merge sequence rowtypes)
ci_tests=(transactions portals prepare plancache copy copydml errors temp returning largeobject async guc psql_crosstab json text)

need_packages python3=python3 "postgresql-$major" psql=postgresql-client gcc=gcc libc6-dev dpkg-source=dpkg-dev jq=jq openssl=openssl

# ---- the suite -------------------------------------------------------------------------------------

# apt in a directory of its own, with the source packages that the machine's configuration leaves out.
apt_here() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

# Sets suite: a directory with src/test/regress, and the suite's C functions as libraries in lib/.
fetch_suite() {
  local work version
  suite=$(cache_directory)/regress/$major
  [ ! -e "$suite/lib/regress.so" ] || return 0
  say "Fetching PostgreSQL's regression suite"
  mkdir -p "${suite%/*}"
  work=$(mktemp -d "${suite%/*}/.fetch.XXXXXX")
  mkdir -p "$work/lists/partial" "$work/result/lib"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/%s main\n' \
    "debian $(. /etc/os-release && echo "$VERSION_CODENAME")" "debian-security $(. /etc/os-release && echo "$VERSION_CODENAME")-security" >"$work/sources.list"
  (
    cd "$work"
    apt_here update
    # The archive keeps the sources of the last point release longer than those of each security update; any release of the major version will do.
    for version in $(apt-cache -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
      -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= showsrc "postgresql-$major" | sed -n 's/^Version: //p'); do
      ! apt_here source --download-only "postgresql-$major=$version" 2>/dev/null || break
    done
    tar -xjf postgresql-*.orig.tar.bz2 --strip-components=1 -C result --wildcards '*/src/test/regress'
    apt-get -qq -o APT::Sandbox::User=root download "postgresql-server-dev-$major"
    dpkg -x postgresql-server-dev-*.deb headers
    gcc -shared -fPIC -O2 -w -D_GNU_SOURCE -Iheaders/usr/include/postgresql/$major/server -o result/lib/regress.so result/src/test/regress/regress.c
    for library in refint autoinc; do
      cp "/usr/lib/postgresql/$major/lib/$library.so" result/lib/
    done
    chmod -R a+rX result
  ) >"$work/log" 2>&1 || {
    tail -n 10 "$work/log" >&2
    rm -rf "$work"
    warn "the regression suite could not be fetched"
    exit 77
  }
  mv -T "$work/result" "$suite"
  rm -rf "$work"
}

# ---- databases and gateway -------------------------------------------------------------------------

postgres_password() {
  (
    umask 077
    [ -s "$state/password" ] || random_password >"$state/password"
    cat "$state/password"
  )
}

# cluster NAME PORT: a fresh one, with the database that the suite works in, as pg_regress makes it.
fresh_cluster() {
  local directory=/var/tmp/weir-regress-$2
  stop_cluster "$state/$1.pid"
  rm -rf "$directory"
  mkdir -p "$directory"
  chmod 755 "$directory"
  postgres_password >/dev/null
  create_cluster "$server_bin" "$directory" "$state/password"
  cat >>"$directory/data/postgresql.conf" <<'CONF'
fsync = off
max_prepared_transactions = 5
timezone = 'GMT'
CONF
  start_cluster "$server_bin" "$directory" "$2" "$state/$1.pid" "$state/$1.log"
  PGPASSWORD=$(postgres_password) psql -Xq -h 127.0.0.1 -p "$2" -U postgres -d postgres -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
CREATE DATABASE regression TEMPLATE template0;
ALTER DATABASE regression SET lc_messages TO 'C';
ALTER DATABASE regression SET lc_monetary TO 'C';
ALTER DATABASE regression SET lc_numeric TO 'C';
ALTER DATABASE regression SET lc_time TO 'C';
ALTER DATABASE regression SET bytea_output TO 'hex';
ALTER DATABASE regression SET timezone_abbreviations TO 'Default';
SQL
}

apply_policy() {
  (
    umask 077
    connection_documents regression compat admin "{ host: 127.0.0.1, port: $((port + 1)), database: regression, tls: disable, user: postgres, password: { stored: \"$(postgres_password)\" } }" >"$state/policy.yaml"
    cat >>"$state/policy.yaml" <<YAML
---
apiVersion: weir/v1
kind: Guardrail
metadata: { name: regression-by-name }
spec:
  connections: { names: [regression] }
  # An allow counts for statements that do nothing beyond what it names.
  when:
    effects: [read, insert, update, delete, merge, truncate, create, alter, drop, grant, copy_in, copy_out, program, lock, maintenance, session, transaction,
      call, dynamic, notify, replication]
  action: allow
YAML
  )
  apply_documents "$state/policy.yaml" >"$state/apply.log"
}

finish() {
  if ! $keep; then
    stop_private_quickstart "$root" "$weir_state"
    stop_cluster "$state/direct.pid"
    stop_cluster "$state/gateway.pid"
    rm -rf "/var/tmp/weir-regress-$port" "/var/tmp/weir-regress-$((port + 1))"
  fi
}

# ---- running ---------------------------------------------------------------------------------------

# regress NAME PORT USER PASSWORD ARGUMENTS...: one test after the other, so that nothing depends on which of two was first. Its verdicts are of no
# interest (versions, locale and the order of rows without ORDER BY make some tests fail anywhere): what counts is what it wrote.
regress() {
  # pg_regress wants to be started where its output goes.
  (
    cd "$output/$1"
    PGPASSWORD=$4 PGSSLMODE=disable timeout 1500 "/usr/lib/postgresql/$major/lib/pgxs/src/test/regress/pg_regress" \
      --use-existing --dbname=regression --host=127.0.0.1 --port="$2" --user="$3" --max-connections=1 \
      --bindir="$bin" --dlpath="$suite/lib" --inputdir="$suite/src/test/regress" --outputdir="$output/$1" "${@:5}"
  ) >>"$output/$1.log" 2>&1 || true
}

# settle PORT: the plans of many tests depend on test_setup's VACUUM having seen no other session's snapshot, which it may have while the agent reads the catalog.
settle() {
  local visible
  for _ in {1..40}; do
    visible=$(PGPASSWORD=$(postgres_password) psql -XqAt -h 127.0.0.1 -p "$1" -U postgres -d regression -c 'VACUUM' \
      -c "SELECT bool_and(relallvisible >= relpages) FROM pg_class WHERE relname IN ('tenk1', 'tenk2', 'onek', 'onek2')")
    [ "$visible" != t ] || return 0
    sleep 0.5
  done
  warn "VACUUM on port $1 was kept from its work"
}

# run NAME PORT USER PASSWORD PORT_OF_THE_DATABASE
run() {
  local inputs=("${tests[@]}")
  rm -rf "${output:?}/$1" "$output/$1.log"
  install -d -m 777 "$output/$1" "$output/$1/results"
  if [ "${#inputs[@]}" -eq 0 ]; then
    sed '/^test: test_setup$/d' "$suite/src/test/regress/parallel_schedule" >"$output/$1/schedule"
    inputs=(--schedule="$output/$1/schedule")
  fi
  regress "${@:1:4}" test_setup
  [ "$form" = ci ] || settle "$5"
  regress "${@:1:4}" "${inputs[@]}"
}

# The agent's memory at its highest since it started, and now.
print_memory() {
  awk '/^VmHWM|^VmRSS/ { printf "%s %s MiB  ", ($1 == "VmHWM:" ? "agent: peak" : "now"), int($2 / 1024) } END { print "" }' "/proc/$(running_pid "$weir_state/run/agent.pid")/status"
}

mkdir -p "$state"
output=/var/tmp/weir-regress-output-$port
weir_state=${REGRESS_WEIR_STATE:-$state/weir}
bin=$(installed_postgres "$major")
server_bin=$(installed_postgres "$server" || fetched_postgres "$server")
mkdir -p "$output"
if [ "${#tests[@]}" -eq 0 ]; then
  case $form in
    short) tests=("${short_tests[@]}") ;;
    ci) tests=("${ci_tests[@]}") ;;
  esac
fi
if $stop; then
  finish
  exit 0
fi
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fetch_suite
start_private_quickstart "$root" "$weir_state"
fresh_cluster direct "$port"
fresh_cluster gateway "$((port + 1))"
apply_policy
issue_credential regression
# shellcheck disable=SC2154 # user and password are set by issue_credential
run gateway "$WEIR_AGENT_PORT" "$user" "$password" "$((port + 1))" &
gateway_run=$!
run direct "$port" postgres "$(postgres_password)" "$port"
wait "$gateway_run"
print_memory
python3 "$root/tests/compat/regress_compare.py" "$output" "$root/tests/compat/regress-differences.txt"
