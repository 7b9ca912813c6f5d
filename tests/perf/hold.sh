#!/usr/bin/env bash
# Prints how long it takes from a reviewer's decision to the answer of the statement that was held, with 100 held sessions: tests/perf/hold.sh [ROUNDS]
# Control plane, reviewers and clients in one process, the built agent and PostgreSQL in others, on this machine.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/dotnet.sh
source "$root/deploy/lib/dotnet.sh"
find_dotnet "$root"
cd "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build tests/Weir.ControlPlane.Server.Tests -c Release -v quiet >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  die "the build failed"
}
WEIR_HOLD_ROUNDS=${1:-5} tests/Weir.ControlPlane.Server.Tests/bin/Release/net10.0/Weir.ControlPlane.Server.Tests \
  --no-ansi --progress off --explicit only --filter-class '*HoldLatency' --show-live-output on >"$log" 2>&1 || {
  grep -v 'info:' "$log" | tail -n 40 >&2
  die "the measurement failed"
}
sed -n 's/^OUTPUT: \[[^]]*\] //p' "$log"
