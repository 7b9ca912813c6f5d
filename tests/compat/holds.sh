#!/usr/bin/env bash
# Held statements and the time-outs of drivers: Npgsql, psycopg and pgjdbc wait on with their defaults, and with a time-out that their program sets are held, time out, come back
# and pass once. tests/compat/holds.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for library in output packages dotnet; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done
need_packages python3-psycopg postgresql java=default-jdk-headless libpostgresql-jdbc-java
find_dotnet "$root"
cd "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build tests/Weir.ControlPlane.Server.Tests -c Release -v quiet >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  die "the build failed"
}
tests/Weir.ControlPlane.Server.Tests/bin/Release/net10.0/Weir.ControlPlane.Server.Tests --no-ansi --progress off --explicit only --filter-class '*DriverTimeouts' >"$log" 2>&1 || {
  grep -v 'info:' "$log" | tail -n 40 >&2
  die "a driver's time-out does not end as it should"
}
say "ok   Npgsql, psycopg and pgjdbc: held, timed out, came back, passed once"
