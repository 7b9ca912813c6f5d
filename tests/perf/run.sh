#!/usr/bin/env bash
# Measures the built agent beside a direct connection, PgBouncer and HAProxy: tests/perf/run.sh [--full] [--only PARTS] [--out FILE] [--legs]
# --legs measures, instead of the kit's parts, what the kit can't: TLS, the relay, and memory under COPY (see legs.sh).
# Inspection, masking and recording are on. Uses the measuring kit that lies beside the repository (shared/perf), whose README says how
# to read the table, and a quickstart of its own, which ends with it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/packages.sh
source "$root/deploy/lib/packages.sh"
# shellcheck source=../../deploy/lib/processes.sh
source "$root/deploy/lib/processes.sh"
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

kit=$(find_kit "$root" perf compare.sh)
quick=(--quick)
options=()
legs=false
while [ $# -gt 0 ]; do
  case $1 in
    --full) quick=() ;;
    --legs) legs=true ;;
    --only | --out)
      [ $# -gt 1 ] || die "$1 needs a value"
      options+=("$1" "$2")
      shift
      ;;
    *) die "unknown option '$1'" ;;
  esac
  shift
done

need_packages postgresql pgbouncer=pgbouncer haproxy=haproxy psql=postgresql-client gcc=gcc libpq-dev procps jq=jq

state=$root/.perf
cluster=$state/cluster
mkdir -p "$state"

finish() {
  stop_private_quickstart "$root" "$state/weir"
  "$kit/compare.sh" down --state "$cluster" || true
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tls=()
! $legs || tls=(--tls)
"$kit/compare.sh" up --state "$cluster" "${tls[@]}" --upstream-env "$state/upstream.env"
# A thousand idle connections of one person from one address are more than an agent admits by default.
export WEIR_AGENT_MAX_CONNECTIONS_PER_PRINCIPAL=2000 WEIR_AGENT_MAX_CONNECTIONS_PER_IP=5000
start_private_quickstart "$root" "$state/weir"

# The kit's database becomes a connection of the same agent. Two of pgbench's columns are masked, so that masks run where whole rows are read.
(
  # shellcheck source=/dev/null
  source "$state/upstream.env"
  umask 077
  connection_documents bench bench write "{ host: $PGHOST, port: $PGPORT, database: $PGDATABASE, tls: disable, user: $PGUSER, password: { stored: \"$PGPASSWORD\" } }" >"$state/bench.yaml"
  cat >>"$state/bench.yaml" <<YAML
---
apiVersion: weir/v1
kind: Guardrail
metadata: { name: bench-unbounded-writes }
spec:
  connections: { names: [bench] }
  when: { effects: [update, delete], withoutWhere: true }
  action: deny
---
apiVersion: weir/v1
kind: MaskingRule
metadata: { name: bench-masks }
spec:
  connections: { names: [bench] }
  columns: ["public.pgbench_accounts.filler", "public.pgbench_accounts.bid"]
  mask: redact
YAML
)
apply_documents "$state/bench.yaml"
issue_credential bench
agent=$(running_pid "$WEIR_STATE_DIR/run/agent.pid") || die "the agent does not run"

if $legs; then
  # shellcheck source=legs.sh
  source "$root/tests/perf/legs.sh"
  measure_legs
  exit
fi

# shellcheck disable=SC2154 # user and password are set by issue_credential
"$kit/compare.sh" run --state "$cluster" "${quick[@]}" "${options[@]}" --target \
  "weir=host=127.0.0.1 port=$WEIR_AGENT_PORT user=$user password=$password dbname=bench sslmode=disable gssencmode=disable;pids=$agent"
