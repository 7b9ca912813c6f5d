#!/usr/bin/env bash
# Held statements and the time-outs of drivers: Npgsql, psycopg and pgjdbc wait on with their defaults, and with a time-out that their program sets are held, time out, come back
# and pass once. tests/compat/holds.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for library in output packages dotnet; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done
# shellcheck source=../lib/server-tests.sh
source "$root/tests/lib/server-tests.sh"
need_packages python3-psycopg postgresql java=default-jdk-headless libpostgresql-jdbc-java
find_dotnet "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run_explicit_tests "$root" DriverTimeouts "$log" "a driver's time-out does not end as it should"
say "ok   Npgsql, psycopg and pgjdbc: held, timed out, came back, passed once"
