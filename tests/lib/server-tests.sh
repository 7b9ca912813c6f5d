# shellcheck shell=bash
# Tests of the control plane's server that run only when asked for by name, for measurements and foreign drivers. Needs output.sh and dotnet.sh, and a found dotnet.

# run_explicit_tests ROOT CLASS LOG FAILURE [ARGUMENTS...]: builds them and runs one class. LOG has the output; what matters of it is shown where it fails.
run_explicit_tests() {
  local root=$1 class=$2 log=$3 failure=$4
  shift 4
  (cd "$root" && dotnet build tests/Weir.ControlPlane.Server.Tests -c Release -v quiet) >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "the build failed"
  }
  "$root/tests/Weir.ControlPlane.Server.Tests/bin/Release/net10.0/Weir.ControlPlane.Server.Tests" \
    --no-ansi --progress off --explicit only --filter-class "*$class" "$@" >"$log" 2>&1 || {
    grep -v 'info:' "$log" | tail -n 40 >&2
    die "$failure"
  }
}
