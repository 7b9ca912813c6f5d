# shellcheck shell=bash
# Installs Debian packages where this user may; otherwise names the one command to run.

# An array for commands that need root: empty for root, sudo when it asks for no password.
as_root=()
may_install=false
if [ "$(id -u)" -eq 0 ]; then
  may_install=true
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  may_install=true
  as_root=(sudo -n)
fi

# Prints the packages among the arguments that are missing. An argument is PACKAGE, or COMMAND=PACKAGE where the command may
# also come from elsewhere (a Node.js that is not Debian's has an npm without a Debian package).
missing_packages() {
  local wanted
  for wanted; do
    case $wanted in
      *=*) command -v "${wanted%%=*}" >/dev/null || printf '%s\n' "${wanted#*=}" ;;
      *) dpkg-query -W -f='${Status}\n' "$wanted" 2>/dev/null | grep -q 'ok installed' || printf '%s\n' "$wanted" ;;
    esac
  done
}

# Installs what is missing of the arguments (as in missing_packages).
need_packages() {
  local missing log
  command -v dpkg-query >/dev/null || {
    missing=$(for wanted; do case $wanted in *=*) command -v "${wanted%%=*}" >/dev/null || printf ' %s' "${wanted%%=*}" ;; esac done)
    [ -z "$missing" ] || die "this is not a Debian system, and these commands are missing:$missing. Install them and start this again."
    return
  }
  missing=$(missing_packages "$@" | sort -u | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "these packages are missing: $missing"
  if ! $may_install; then
    die "these packages are missing; run this once, then start again:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
  fi
  say "Installing $missing"
  # Debian's packages would otherwise start services of their own: a PostgreSQL cluster on port 5432, a PgBouncer on 6432.
  if ! [ -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    printf 'create_main_cluster = false\n' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  local silenced=false
  if ! [ -e /usr/sbin/policy-rc.d ]; then
    silenced=true
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${as_root[@]}" chmod 755 /usr/sbin/policy-rc.d
  fi
  log=$(mktemp)
  local installed=true
  # shellcheck disable=SC2086 # a list of package names
  if ! {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing
  } >"$log" 2>&1; then
    installed=false
    tail -n 20 "$log" >&2
  fi
  rm -f "$log"
  if $silenced; then
    "${as_root[@]}" rm -f /usr/sbin/policy-rc.d
  fi
  $installed || die "the packages could not be installed: $missing"
}
