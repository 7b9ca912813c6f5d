#!/usr/bin/env bash
# Prints how long it takes from a reviewer's decision until held sessions go on, with 100 held sessions: tests/perf/hold.sh [ROUNDS]
#
# decided   the decision's commit, by the control plane's database itself (pg_xact_commit_timestamp of its audit event): a little before the reviewer has the answer
# resumed   the held statement has arrived at its database, by that database itself (statement_timestamp()): after control plane, stream, agent and the way to the database
# answered  the client has the statement's answer: besides, 100 statements have been carried out
# the bar   two round trips of the stream between control plane and agent (its median, measured idle: an empty change and its acknowledgement) and 10 ms
#
# Three forms: 100 decisions one after another; 100 by 8 reviewers at once, whose own requests are part of the load; and one approval of their shape that releases all 100.
# Control plane, reviewers and the 100 clients are one process, the built agent and the two databases (one server) others, all on this machine and by its clock.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/dotnet.sh
source "$root/deploy/lib/dotnet.sh"
# shellcheck source=../lib/server-tests.sh
source "$root/tests/lib/server-tests.sh"
find_dotnet "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export WEIR_HOLD_ROUNDS=${1:-5}
run_explicit_tests "$root" HoldLatency "$log" "the measurement failed" --show-live-output on
sed -n 's/^OUTPUT: \[[^]]*\] //p' "$log"
