#!/usr/bin/env bash
# Compares the contracts with what was recorded, and fails when something that an agent in the field may rely on was removed,
# renumbered, renamed, retyped or reused. A removed field is allowed once its number and its name are reserved.
#   proto/check.sh            compares
#   proto/check.sh --record   adds what is new to the recorded baseline, if nothing is broken
set -euo pipefail
directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$directory/..
baseline=$directory/weir/agent/v1/contract.baseline

# The compiler is that of the build: of the package Grpc.Tools, in the version that is pinned.
version=$(sed -n 's/.*Include="Grpc.Tools" Version="\([^"]*\)".*/\1/p' "$root/src/Directory.Packages.props")
tools=${NUGET_PACKAGES:-$HOME/.nuget/packages}/grpc.tools/$version
[ -d "$tools" ] || dotnet restore "$root/src/Weir.Contracts" -v quiet >&2
case $(uname -m) in
  aarch64) protoc=$tools/tools/linux_arm64/protoc ;;
  *) protoc=$tools/tools/linux_x64/protoc ;;
esac
include=$tools/build/native/include

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find "$directory/weir" -name '*.proto' | sort >"$work/files"
mapfile -t files <"$work/files"
"$protoc" -I "$directory" -I "$include" --descriptor_set_out="$work/set" "${files[@]}"
"$protoc" -I "$include" --decode=google.protobuf.FileDescriptorSet google/protobuf/descriptor.proto <"$work/set" |
  awk -f "$directory/flatten.awk" | LC_ALL=C sort >"$work/now"
[ -s "$work/now" ] || {
  echo "proto/check.sh: the contracts are empty" >&2
  exit 1
}

touch "$baseline"
LC_ALL=C comm -23 "$baseline" "$work/now" >"$work/gone"
LC_ALL=C comm -13 "$baseline" "$work/now" >"$work/new"
broken=0
while read -r kind scope number name rest; do
  # A reserved number and a reserved name together say that the removal was meant, and nothing can take their place.
  if { [ "$kind" = field ] || [ "$kind" = value ]; } && grep -qxF "reserved $scope $number" "$work/now" && grep -qxF "reserved $scope $name" "$work/now"; then
    continue
  fi
  echo "proto/check.sh: gone or changed: $kind $scope $number $name $rest" >&2
  broken=$((broken + 1))
done <"$work/gone"
if [ "$broken" -gt 0 ]; then
  echo "proto/check.sh: $broken of the recorded contract are broken; proto/README.md says what is allowed" >&2
  exit 1
fi
if [ "${1:-}" = --record ]; then
  LC_ALL=C sort -u "$baseline" "$work/now" >"$work/merged"
  cp "$work/merged" "$baseline"
elif [ -s "$work/new" ]; then
  echo "proto: $(wc -l <"$work/new") additions that are not recorded yet (proto/check.sh --record)"
fi
