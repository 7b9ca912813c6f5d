#!/usr/bin/env bash
# Prints what a verdict costs: tests/perf/judge.sh. A hit and a miss of the cache, 10 and 1,000 rules, the parse of 10 KB, masks and detectors; in this process, with short
# runs: good for orders of magnitude on a machine that does other things too.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/dotnet.sh
source "$root/deploy/lib/dotnet.sh"
find_dotnet "$root"
cd "$root"
filters=("$@")
[ $# -gt 0 ] || filters=('*VerdictBenchmarks*' '*DecisionBenchmarks.Decide*' '*ParserBenchmarks*')
artifacts=$(mktemp -d)
trap 'rm -rf "$artifacts"' EXIT
dotnet run --configuration Release --project tests/Weir.Benchmarks -- --inProcess --job short --artifacts "$artifacts" --filter "${filters[@]}" >"$artifacts/log" 2>&1 || {
  tail -n 30 "$artifacts/log" >&2
  die "the benchmarks failed"
}
grep -h '^|' "$artifacts"/results/*.md
