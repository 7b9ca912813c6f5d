#!/usr/bin/env bash
# The servers of PostgreSQL 14 to 18: against each, a handful of the regression tests and the Python drivers, once straight and once through the agent.
# tests/compat/versions.sh [MAJOR...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for library in output packages processes postgres; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

need_packages python3-psycopg python3-psycopg2 psql=postgresql-client jq=jq
export REGRESS_PORT=${REGRESS_PORT:-27460} REGRESS_STATE=${REGRESS_STATE:-$root/.perf/versions}
versions=("$@")
[ $# -gt 0 ] || versions=(14 15 16 17 18)
failed=()

stop() {
  "$root/tests/compat/regress.sh" --stop >/dev/null
}

# The sample database beside the regression tests' own, and a connection to it.
load_sample() {
  local password
  password=$(cat "$REGRESS_STATE/password")
  for sql in "DROP DATABASE IF EXISTS orders WITH (FORCE)" "CREATE DATABASE orders TEMPLATE template0"; do
    PGPASSWORD=$password psql -Xq -h 127.0.0.1 -p $((REGRESS_PORT + 1)) -U postgres -d postgres -v ON_ERROR_STOP=1 -c "$sql" 2>/dev/null
  done
  PGPASSWORD=$password psql -Xq -h 127.0.0.1 -p $((REGRESS_PORT + 1)) -U postgres -d orders -v ON_ERROR_STOP=1 -o /dev/null \
    -f "$root/deploy/sample/schema.sql" -f "$root/deploy/sample/data.sql"
  (
    umask 077
    connection_documents versions compat admin "{ host: 127.0.0.1, port: $((REGRESS_PORT + 1)), database: orders, tls: disable, user: postgres, password: { stored: \"$password\" } }" >"$REGRESS_STATE/versions.yaml"
  )
  apply_documents "$REGRESS_STATE/versions.yaml" >"$REGRESS_STATE/apply-versions.log"
}

drivers() {
  load_sample
  issue_credential versions
  # shellcheck disable=SC2154 # user and password are set by issue_credential
  /usr/bin/python3 "$root/tests/compat/clients.py" "postgresql://postgres:$(cat "$REGRESS_STATE/password")@127.0.0.1:$((REGRESS_PORT + 1))/orders?sslmode=disable" \
    "postgresql://$user:$password@127.0.0.1:$WEIR_AGENT_PORT/versions?sslmode=disable"
}

trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for version in "${versions[@]}"; do
  say "PostgreSQL $version"
  "$root/tests/compat/regress.sh" --ci --keep --server "$version" || failed+=("$version regression tests")
  start_private_quickstart "$root" "$REGRESS_STATE/weir"
  if drivers >"$REGRESS_STATE/drivers.$version.log" 2>&1; then
    say "$(grep -c '^ok' "$REGRESS_STATE/drivers.$version.log") cases of psycopg2 and psycopg 3 the same"
  else
    grep -v '^ok' "$REGRESS_STATE/drivers.$version.log" || true
    failed+=("$version drivers")
  fi
done
for one in "${failed[@]}"; do
  warn "differs: $one"
done
[ ${#failed[@]} -eq 0 ]
