# shellcheck shell=bash
# Publishes Weir's three programs. Needs output.sh and dotnet.sh.

# Build servers would outlive the script that used them.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

# publish_project NAME ROOT TARGET PROJECT ARGUMENTS...: publishes into TARGET, unless nothing has changed since it was last done.
publish_project() {
  local name=$1 root=$2 target=$3 project=$4
  shift 4
  if [ -e "$target/.published" ] && [ -z "$(sources_newer_than "$root" "$target/.published")" ]; then
    return 0
  fi
  say "Building the $name"
  # Beside the last one, which stays if this fails. The stamp bears the time before the build: what is edited meanwhile counts as newer.
  rm -rf "$target.new"
  mkdir -p "$target.new"
  touch "$target.new/.published"
  # Restored without the runtime that "$@" may name: with it, restore would write that runtime into the lock files.
  if ! (cd "$root" && dotnet restore "$project" -v quiet && dotnet publish "$project" -c Release -o "$target.new" --no-restore -v quiet "$@") \
    >"$target.log" 2>&1; then
    tail -n 40 "$target.log" >&2
    die "the $name could not be built; all of the output is in $target.log"
  fi
  rm -rf "$target"
  mv "$target.new" "$target"
}

# Prints the first source file that is newer than the given file.
sources_newer_than() {
  find "$1"/src "$1"/ui "$1"/proto "$1"/Directory.Build.props "$1"/global.json \( -name bin -o -name obj -o -name node_modules \) -prune \
    -o -type f -newer "$2" -print -quit 2>/dev/null
}

# build_weir ROOT TARGET: server, agent (Native AOT) and command line under TARGET/{server,agent,cli}.
build_weir() {
  local root=$1 target=$2 runtime lock
  case $(uname -m) in
    x86_64) runtime=linux-x64 ;;
    aarch64) runtime=linux-arm64 ;;
    *) die "there is no build for $(uname -m)" ;;
  esac
  mkdir -p "$target"
  # Tests and a quickstart may build at once.
  exec {lock}>"$target/.lock"
  flock --wait 900 "$lock" || die "another build goes on in $target"
  publish_project agent "$root" "$target/agent" src/Weir.Agent -r "$runtime"
  publish_project "control plane" "$root" "$target/server" src/Weir.ControlPlane.Server
  publish_project "command line" "$root" "$target/cli" src/Weir.Cli
  exec {lock}>&-
}
