#!/usr/bin/env bash
# Foreign clients through agent and relay: psycopg2, psycopg 3 and pgbench in its three protocols. tests/compat/clients.sh
# Everything is compared with the same client straight at the database.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/packages.sh
source "$root/deploy/lib/packages.sh"
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

need_packages python3-psycopg python3-psycopg2 postgresql psql=postgresql-client jq=jq
state=$root/.perf/clients
trap 'stop_private_quickstart "$root" "$state/weir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_private_quickstart "$root" "$state/weir"

failed=0
for url in "$WEIR_DIRECT_URL" "$WEIR_RELAY_URL"; do
  say "---- through ${url##*@}"
  # Debian's Python: the drivers are its packages.
  /usr/bin/python3 "$root/tests/compat/clients.py" "$WEIR_UPSTREAM_URL" "$url" || failed=1
  for protocol in simple extended prepared; do
    if pgbench --no-vacuum --protocol="$protocol" --client=4 --jobs=2 --transactions=50 --file=- "$url" >"$state/pgbench.log" 2>&1 <<'SQL'
\set id random(1, 1000)
BEGIN;
SELECT status, amount FROM orders WHERE id = :id;
UPDATE orders SET note = 'bench' WHERE id = :id;
ROLLBACK;
SQL
    then
      say "ok   pgbench $protocol"
    else
      say "FAIL pgbench $protocol"
      tail -n 5 "$state/pgbench.log"
      failed=1
    fi
  done
done
exit "$failed"
