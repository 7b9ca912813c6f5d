#!/usr/bin/env bash
# Foreign clients straight at the database, through the agent and through the relay; what they see must be the same. tests/compat/clients.sh [--keep]
# psycopg2 and 3, node-postgres, postgres.js, pgjdbc in its four query modes, psqlodbc through pyodbc, psql's describing commands with the catalog queries of DBeaver, pgAdmin and
# DataGrip, pg_dump and pg_restore, pgbench in its three protocols. Npgsql and EF Core are what the .NET tests and the control plane use.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for library in output packages processes postgres; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

keep=false
[ "${1:-}" != --keep ] || keep=true
need_packages python3-psycopg python3-psycopg2 odbc-postgresql python3-pyodbc postgresql psql=postgresql-client jq=jq npm=npm node=nodejs javac=default-jdk-headless libpostgresql-jdbc-java
state=$root/.perf/clients
weir_state=${COMPAT_WEIR_STATE:-$state/weir}
mkdir -p "$state"

finish() {
  $keep || stop_private_quickstart "$root" "$weir_state"
}

apply_policy() {
  # Everything is allowed and nothing masked, so that the answers can be compared.
  connection_documents plain compat admin "{ host: 127.0.0.1, port: $WEIR_POSTGRES_PORT, database: orders, tls: disable, user: orders_app, password: { env: ORDERS_DB_PASSWORD } }" >"$state/policy.yaml"
  apply_documents "$state/policy.yaml" >"$state/apply.log"
}

fetch_drivers() {
  export COMPAT_NODE_MODULES
  COMPAT_NODE_MODULES=$(cache_directory)/compat-node
  if ! [ -d "$COMPAT_NODE_MODULES/node_modules/pg" ]; then
    mkdir -p "$COMPAT_NODE_MODULES"
    npm install --silent --no-audit --no-fund --prefix "$COMPAT_NODE_MODULES" pg@8.23.1 pg-cursor@2.22.0 postgres@3.4.9 >"$state/npm.log" 2>&1 ||
      die "the drivers for Node.js could not be installed"
  fi
  mkdir -p "$state/classes"
  javac -cp "$jdbc" -d "$state/classes" "$root/tests/compat/clients/Drivers.java"
}

# ---- clients: each takes a host:port, database, user and password -------------------------------------

with_environment() {
  PGHOST=${1%:*} PGPORT=${1#*:} PGDATABASE=$2 PGUSER=$3 PGPASSWORD=$4 PGSSLMODE=$tls "${@:5}"
}

run_node() {
  node "$root/tests/compat/clients/drivers.mjs" "postgres://$3:$4@$1/$2"
}

run_jdbc() {
  java -cp "$state/classes:$jdbc" Drivers "$1/$2" "$3" "$4"
}

run_odbc() {
  /usr/bin/python3 "$root/tests/compat/clients/odbc.py" "$@" "$tls"
}

run_psql() {
  # Who is connected where differs of course; a setting that the client names at the start counts as the client's.
  with_environment "$@" psql -X -q -f "$root/tests/compat/clients/catalog.sql" 2>&1 |
    sed -e '/^You are connected to/d' -e '/^SSL connection/d' -e '/^ standard_conforming_strings/s/| client  |/| default |/'
}

run_dump() {
  # pg_dump 15 reads servers up to its own version. Newer point releases put a random key into \restrict.
  with_environment "$@" pg_dump --no-password | sed '/^\\\(un\)\?restrict /d'
  with_environment "$@" pg_dump --no-password --format=custom --file="$state/dump.custom"
  pg_restore --file=- "$state/dump.custom" | sed '/^\\\(un\)\?restrict /d'
  with_environment "$@" pg_dump --no-password --inserts --rows-per-insert=50 --table=customers | sed '/^\\\(un\)\?restrict /d' | md5sum
}

# The dump goes back in through the same road, into the same database under another schema, and out again.
run_restore() {
  with_environment "$@" psql -X -q -o /dev/null -c 'DROP SCHEMA IF EXISTS copied CASCADE' -c 'CREATE SCHEMA copied' 2>/dev/null
  with_environment "$@" pg_dump --no-password --schema=public --no-owner --no-privileges |
    sed -e '/^\\\(un\)\?restrict /d' -e '/^CREATE SCHEMA public;/d' -e '/^COMMENT ON SCHEMA/d' -e 's/\bpublic\./copied./g' |
    with_environment "$@" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null 2>&1
  with_environment "$@" pg_dump --no-password --schema=copied --no-owner | sed '/^\\\(un\)\?restrict /d' | md5sum
  with_environment "$@" psql -X -q -c 'DROP SCHEMA copied CASCADE' 2>/dev/null
}

run_pgbench() {
  local protocol script
  for protocol in simple extended prepared; do
    script='\set id random(1, 1000)
BEGIN;
SELECT status, amount FROM orders WHERE id = :id;
UPDATE orders SET note = :id WHERE id = :id;
ROLLBACK;'
    [ "$protocol" = simple ] || script+='
\startpipeline
SELECT 1;
SELECT status FROM orders WHERE id = :id;
\endpipeline'
    printf '%s\n' "$script" | with_environment "$@" pgbench --no-vacuum --protocol="$protocol" --client=4 --jobs=2 --transactions=50 --file=- 2>&1 |
      grep -E 'query mode|transactions actually|failed|error|abort' || true
  done
}

# ---- comparison ----------------------------------------------------------------------------------------

failed=0

# same NAME COMMAND
same() {
  local name=$1 command=$2 road
  "$command" "127.0.0.1:$WEIR_POSTGRES_PORT" orders orders_app "$upstream_password" >"$state/$name.direct" 2>&1 || true
  for road in agent relay; do
    "$command" "${address[$road]}" plain "$user" "$password" >"$state/$name.$road" 2>&1 || true
    if [ -s "$state/$name.direct" ] && diff "$state/$name.direct" "$state/$name.$road" >"$state/$name.$road.diff"; then
      say "ok   $name through the $road ($(wc -l <"$state/$name.direct") lines)"
    else
      say "FAIL $name through the $road: $state/$name.$road.diff"
      head -n 6 "$state/$name.$road.diff" | cut -c 1-200
      failed=1
    fi
  done
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
jdbc=/usr/share/java/postgresql.jar
start_private_quickstart "$root" "$weir_state"
apply_policy
issue_credential plain
upstream_password=${WEIR_UPSTREAM_URL#*://*:}
upstream_password=${upstream_password%%@*}
fetch_drivers
declare -A address=([agent]="127.0.0.1:$WEIR_AGENT_PORT" [relay]="127.0.0.1:$WEIR_RELAY_PORT")
# Plaintext at the agent, which is allowed on loopback; the relay always wants TLS.
for road in agent relay; do
  tls=$([ "$road" = relay ] && echo require || echo disable)
  # shellcheck disable=SC2154 # user and password are set by issue_credential
  /usr/bin/python3 "$root/tests/compat/clients.py" "$WEIR_UPSTREAM_URL" "postgresql://$user:$password@${address[$road]}/plain?sslmode=$tls" | sed "s/$/ ($road)/" || failed=1
done
tls=prefer
same psql run_psql
same dump run_dump
same restore run_restore
same pgbench run_pgbench
same node run_node
same jdbc run_jdbc
same odbc run_odbc
exit "$failed"
