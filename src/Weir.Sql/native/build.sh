#!/usr/bin/env bash
# Builds libweir_pgparser.so: PostgreSQL's own parser, compiled from its WebAssembly form.
#
#   build.sh [OUTPUT_DIRECTORY]        default: <repository>/.weir/native
#
# npm libpg-query (pinned by version and checksum) --wasm2c--> C --edits below--> gcc with pgparser.c --> .so
#
# The result is kept under ${WEIR_CACHE:-${XDG_CACHE_HOME:-~/.cache}/weir}/pgparser/<hash of all inputs>/, so only the
# first build of a machine takes its minute or two. Needs gcc and libc headers, npm (first build only) and wasm2c
# (Debian: wabt; installed here if missing and if that needs no password).
set -euo pipefail

package=libpg-query@18.1.5
wasm_sha256=378b64e6182f65c71ad5dbd2c31c81e9dfed7d2f2debfb4b51c0d0de8fa2ae36
# Facts about the translation of exactly that module; a difference means that an edit below did not do what it says.
loop_heads=985
stack_top=34515008
library=libweir_pgparser.so
flags=(-O2 -std=gnu11 -fPIC -fvisibility=hidden -fno-strict-aliasing -fno-plt -w -g0
       -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0 -DWASM_RT_USE_STACK_DEPTH_COUNT=0)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=${1:-$(cd "$here/../../.." && pwd)/.weir/native}
cc=${CC:-gcc}

fail() { echo "pgparser: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

ensure_tools() {
  have "$cc" || fail "$cc is missing. Debian: apt-get install gcc libc6-dev"
  if ! have wasm2c; then
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
      have sudo && sudo -n true 2>/dev/null || fail "wasm2c is missing. Run: sudo apt-get install wabt"
      sudo=(sudo -n)
    fi
    echo "pgparser: installing wabt (for wasm2c)" >&2
    { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq wabt; } >&2 ||
      fail "wasm2c could not be installed. Run: apt-get install wabt"
  fi
  have npm || [ -s "$cache/$wasm_sha256.wasm" ] || fail "npm is missing: it fetches $package. Debian: apt-get install npm"
}

if [ -n "${WEIR_CACHE:-}" ]; then
  cache=$WEIR_CACHE/pgparser
else
  cache=${XDG_CACHE_HOME:-${HOME:-/tmp/weir-$(id -u)}/.cache}/weir/pgparser
fi
mkdir -p "$cache" "$output"
ensure_tools

# Every wasm2c writes other C, so the program itself is hashed. The big object and the library have hashes of their own:
# a change of the shim takes a second.
digest() { sha256sum | cut -c 1-32; }
object_key=$({ cat "$here/build.sh" "$here/guards.h"
               "$cc" --version | head -n 1; uname -sm
               sha256sum <"$(command -v wasm2c)"; } | digest)
key=$({ echo "$object_key"; cat "$here/pgparser.h" "$here/pgparser.c"; } | digest)
object=$cache/$object_key
built=$cache/$key

# translate WORK: leaves pgq.h and pgq.o in $object
translate() {
  local work=$1 wasm=$cache/$wasm_sha256.wasm

  if ! [ -s "$wasm" ]; then
    (cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null) || fail "npm could not fetch $package"
    tar -xzf "$work"/libpg-query-*.tgz -C "$work" package/wasm/libpg-query.wasm
    mv "$work/package/wasm/libpg-query.wasm" "$work/module.wasm"
    echo "$wasm_sha256  $work/module.wasm" | sha256sum --check --status ||
      fail "$package: the module's checksum differs from the pinned one; nothing was built"
    mv "$work/module.wasm" "$wasm"
  fi
  echo "$wasm_sha256  $wasm" | sha256sum --check --status || { rm -f "$wasm"; fail "cached module was damaged; run again"; }

  wasm2c "$wasm" -n pgq -o "$work/pgq.c" || fail "wasm2c failed"
  grep -q 'u32 Z_pgqZ_F(Z_pgq_instance_t\*' "$work/pgq.h" ||
    fail "this wasm2c names its output differently; wabt 1.0.32 is known to work"

  # Two fields of ours in the module's state, then the guards: see guards.h.
  sed -i 's/^typedef struct Z_pgq_instance_t {$/&\n  uintptr_t weir_stack_limit;\n  int weir_interrupt;/' "$work/pgq.h"
  sed -i -e 's/^#define UNREACHABLE TRAP(UNREACHABLE)$/#include "guards.h"\n&/' \
         -e 's/^#define MEMCHECK(mem, a, t) RANGE_CHECK(mem, a, sizeof(t))$/#define MEMCHECK(mem, a, t)/' \
         -e 's/&mem->data\[addr\]/\&mem->data[WEIR_ADDRESS(addr)]/' \
         -e 's/^\( *w2c_L[0-9]*:\) *$/\1 WEIR_POLL(instance);/' "$work/pgq.c"
  expect 1 'weir_stack_limit' "$work/pgq.h"
  expect 1 '^#include "guards.h"$' "$work/pgq.c"
  expect 2 '^#define MEMCHECK(mem, a, t)$' "$work/pgq.c"
  expect 2 'data\[WEIR_ADDRESS(addr)\]' "$work/pgq.c"
  expect $loop_heads 'WEIR_POLL(instance);$' "$work/pgq.c"
  expect 1 "instance->w2c_g0 = ${stack_top}u;" "$work/pgq.c"

  echo "pgparser: compiling PostgreSQL's parser (once per machine and compiler; one to three minutes)" >&2
  nice "$cc" "${flags[@]}" -I"$work" -I"$here" -c "$work/pgq.c" -o "$work/pgq.o" || fail "$cc failed"
  keep "$object" "$work/pgq.h" "$work/pgq.o"
}

# link WORK: leaves the library in $built
link() {
  local work=$1
  nice "$cc" "${flags[@]}" -shared -I"$object" -I"$here" "$here/pgparser.c" "$object/pgq.o" -o "$work/$library" -lm ||
    fail "$cc failed"
  strip --strip-unneeded "$work/$library" 2>/dev/null || true
  keep "$built" "$work/$library"
}

# keep DIRECTORY FILE...: a cache entry appears whole or not at all
keep() {
  local directory=$1
  shift
  mkdir "$work/entry"
  mv "$@" "$work/entry/"
  rm -rf "$directory"
  mv "$work/entry" "$directory"
}

# expect COUNT PATTERN FILE
expect() {
  local found
  found=$(grep -c -- "$2" "$3" || true)
  [ "$found" = "$1" ] || fail "expected $1 × '$2' in $(basename "$3"), found $found"
}

# One build at a time per cache; the others wait and then find the result.
exec 9>"$cache/lock"
flock 9
if ! [ -s "$built/$library" ]; then
  scratch=$(mktemp -d "$cache/tmp.XXXXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  [ -s "$object/pgq.o" ] || translate "$scratch"
  link "$scratch"
fi

# Atomic for readers of the output, and the timestamp is new even when the content is not (MSBuild compares times).
next=$(mktemp "$output/.$library.XXXXXX")
cp "$built/$library" "$next"
chmod 755 "$next"
mv -f "$next" "$output/$library"
