# shellcheck shell=bash
# What a person sees on the terminal: progress on standard output, trouble on standard error.

say() {
  printf '%s\n' "$*"
}

warn() {
  printf 'warning: %s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
