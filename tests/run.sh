#!/usr/bin/env bash
# Installs what the tests need, builds everything once and runs all tests: tests/run.sh [NAME...] runs the projects whose name holds a NAME.
# The last line is `N passed, N failed, N skipped`; the exit status is 0 only if something passed and nothing failed.
# WEIR_TEST_JOBS (2) projects run at a time; the end-to-end tests run alone, after the others, and then, as `compat`, a handful of PostgreSQL's own regression
# tests, directly and through the agent.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../deploy/lib/dotnet.sh
source "$root/deploy/lib/dotnet.sh"
# shellcheck source=../deploy/lib/packages.sh
source "$root/deploy/lib/packages.sh"
# shellcheck source=../deploy/lib/processes.sh
source "$root/deploy/lib/processes.sh"
# shellcheck source=../deploy/lib/postgres.sh
source "$root/deploy/lib/postgres.sh"
# shellcheck source=../deploy/lib/build.sh
source "$root/deploy/lib/build.sh"
cd "$root"

configuration=Release
project_deadline=15m
results=$root/TestResults
log_tail=200

# ---- what the tests need ---------------------------------------------------------------------------

install_requirements() {
  local server=() lock
  # Any installed server will do; the versions that tests name are fetched.
  installed_postgres >/dev/null || server=(postgresql)
  need_packages "${server[@]}" psql=postgresql-client pgbouncer=pgbouncer chromium=chromium tmux=tmux wasm2c=wabt npm=npm node=nodejs \
    curl=curl jq=jq openssl=openssl gcc=gcc ld=binutils libc6-dev setpriv=util-linux flock=util-linux
  dotnet tool restore >"$results/tools.log" 2>&1 || fail_with tools "the .NET tools could not be restored"
  for lock in tests/*/package-lock.json; do
    # npm ci removes and refetches everything: only after a change.
    if [ "$lock" -nt "${lock%/*}/node_modules/.package-lock.json" ]; then
      (cd "${lock%/*}" && npm ci --no-audit --no-fund) >"$results/npm.log" 2>&1 || fail_with npm "the packages of ${lock%/*} could not be installed"
    fi
  done
  fetched_postgres 18 >/dev/null
}

build() {
  say "Building"
  dotnet build ControlPlane.sln -c "$configuration" -v quiet >"$results/build.log" 2>&1 || fail_with build "the solution could not be built"
}

# fail_with LOG MESSAGE: nothing was tested, which counts as a failure.
fail_with() {
  tail -n "$log_tail" "$results/$1.log" >&2
  warn "$2"
  printf '0 passed, 1 failed, 0 skipped\n'
  exit 1
}

# ---- running ---------------------------------------------------------------------------------------

# projects first|last [NAME...]: the test projects that hold a NAME (all without one). The end-to-end tests come last.
projects() {
  local which=$1 project name group
  shift
  for project in tests/*.Tests/*.Tests.csproj; do
    name=$(basename "$project" .csproj)
    group=first
    [ "$name" != Weir.EndToEnd.Tests ] || group=last
    if [ "$group" = "$which" ] && is_wanted "$name" "$@"; then
      printf '%s\n' "$name"
    fi
  done
}

is_wanted() {
  local name=$1 wanted
  shift
  [ $# -gt 0 ] || return 0
  for wanted; do
    case $name in *"$wanted"*) return 0 ;; esac
  done
  return 1
}

# Runs one project and leaves NAME.log and NAME.count ("passed failed skipped") behind.
run_project() {
  local name=$1 log=$results/$1.log status=0 started=$SECONDS counts
  # A process group of its own, so that nothing that a test has started can outlive the deadline.
  timeout --kill-after=30s "$project_deadline" "tests/$name/bin/$configuration/net10.0/$name" --no-ansi --progress off \
    --zero-tests-policy strict --results-directory "$results/$name" </dev/null >"$log" 2>&1 || status=$?
  counts=$(awk '/^  succeeded: / { p = $2 } /^  failed: / { f = $2 } /^  skipped: / { s = $2 } END { print p + 0, f + 0, s + 0 }' "$log")
  read -r passed failed skipped <<<"$counts"
  # A crash, a deadline or a project without tests is a failure too, though no test bears its name.
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
    printf 'failed %s ended with %s before or without a failed test\n' "$name" "$status" >>"$log"
  fi
  printf '%s %s %s\n' "$passed" "$failed" "$skipped" >"$results/$name.count"
  if [ "$failed" -eq 0 ]; then
    printf '%-42s %5d passed, %d skipped, %d s\n' "$name" "$passed" "$skipped" $((SECONDS - started))
  else
    printf '%-42s %5d passed, %d FAILED, %d skipped, %d s\n' "$name" "$passed" "$failed" "$skipped" $((SECONDS - started))
  fi
}

# At most so many at a time: a new one starts when any has ended.
run_projects() {
  local jobs=$1 name running=0
  shift
  for name; do
    if [ "$running" -ge "$jobs" ]; then
      wait -n
      running=$((running - 1))
    fi
    run_project "$name" &
    running=$((running + 1))
  done
  wait
}

# Leaves compat.count behind, as run_project does. Where the suite can't be fetched it is skipped.
run_compat() {
  local log=$results/compat.log status=0 started=$SECONDS passed=0 failed=0 skipped=0
  say "PostgreSQL's regression tests, directly and through the agent"
  timeout --kill-after=30s 5m env REGRESS_STATE="$results/compat" tests/compat/regress.sh --ci </dev/null >"$log" 2>&1 || status=$?
  read -r passed failed < <(sed -n 's/^\([0-9]*\) tests the same, \([0-9]*\) with .* only, \([0-9]*\) different.*/\1 \2 \3/p' "$log" | awk '{ print $1 + $2, $3 }') || true
  sed -n 's/^FAIL /failed compat /p' "$log" >"$log.failed"
  cat "$log.failed" >>"$log"
  if [ "$status" -eq 77 ]; then
    skipped=1
  elif [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then
    failed=1
    printf 'failed compat ended with %s\n' "$status" >>"$log"
  fi
  printf '%s %s %s\n' "${passed:-0}" "${failed:-0}" "$skipped" >"$results/compat.count"
  printf '%-42s %5d passed, %d failed, %d skipped, %d s\n' compat "${passed:-0}" "${failed:-0}" "$skipped" $((SECONDS - started))
}

report() {
  local count names='' passed=0 failed=0 skipped=0 p f s
  for count in "$results"/*.count; do
    read -r p f s <"$count"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" -gt 0 ]; then
      printf '\n---- %s\n' "$(basename "$count" .count)"
      tail -n "$log_tail" "${count%.count}.log"
      names+=$(sed -n 's/^failed \(.*\)/\n  \1/p' "${count%.count}.log")
    fi
  done
  [ -z "$names" ] || printf '\nFailed:%s\n' "$names"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

rm -rf "$results"
mkdir -p "$results"
find_dotnet "$root"
install_requirements
build
mapfile -t first < <(projects first "$@")
mapfile -t last < <(projects last "$@")
compat=false
! is_wanted compat "$@" || compat=true
$compat || [ $((${#first[@]} + ${#last[@]})) -gt 0 ] || die "no test project has a name like: $*"
[ ${#first[@]} -eq 0 ] || run_projects "${WEIR_TEST_JOBS:-2}" "${first[@]}"
if [ ${#last[@]} -gt 0 ]; then
  # What the end-to-end tests start is what users get: the published programs, the agent as native code.
  build_weir "$root" "$root/.weir/build"
  run_projects 1 "${last[@]}"
fi
if $compat; then
  build_weir "$root" "$root/.weir/build"
  run_compat
fi
report
