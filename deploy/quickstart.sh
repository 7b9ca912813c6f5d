#!/usr/bin/env bash
# Weir on this machine in one command: a PostgreSQL of its own with a sample database, the control plane, one agent.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: deploy/quickstart.sh [--detach | --stop]

Starts everything and stays until Ctrl-C, which stops it again.
  --detach   returns as soon as all is ready
  --stop     stops what an earlier run has started; the data stay in .weir/

Ports, all on loopback: WEIR_HTTP_PORT (8080), WEIR_GRPC_PORT (8081), WEIR_RELAY_PORT (6432), WEIR_AGENT_PORT (6433),
WEIR_POSTGRES_PORT (5439). What is fetched once is kept in WEIR_CACHE (by default ~/.cache/weir).
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
for library in output dotnet packages processes postgres build; do
  # shellcheck source=/dev/null
  source "$root/deploy/lib/$library.sh"
done

# Tests keep a state of their own beside the developer's; what is built is shared.
state=${WEIR_STATE_DIR:-$root/.weir}
secrets=$state/secrets run=$state/run logs=$state/logs build=$root/.weir/build
env_file=$state/quickstart.env
agent_name=quickstart

# ---- what runs -------------------------------------------------------------------------------------

everything_runs() {
  running_pid "$run/postgres.pid" >/dev/null && running_pid "$run/server.pid" >/dev/null && running_pid "$run/agent.pid" >/dev/null
}

anything_runs() {
  running_pid "$run/postgres.pid" >/dev/null || running_pid "$run/server.pid" >/dev/null || running_pid "$run/agent.pid" >/dev/null
}

stop_everything() {
  stop_process "$run/agent.pid" 15
  stop_process "$run/server.pid" 20
  stop_cluster "$run/postgres.pid"
}

# A port that is taken is found before anything has been built, and named by the variable that changes it.
check_ports() {
  local name
  for name in WEIR_HTTP_PORT WEIR_GRPC_PORT WEIR_RELAY_PORT WEIR_AGENT_PORT WEIR_POSTGRES_PORT; do
    if ! [[ ${!name} =~ ^[1-9][0-9]{0,4}$ && ${!name} -le 65535 ]]; then
      die "$name has to be a port number, not '${!name}'"
    fi
    ! port_answers "${!name}" || die "port ${!name} is in use by something else: choose another with $name"
  done
}

# ---- the pieces ------------------------------------------------------------------------------------

install_packages() {
  # Native AOT links with gcc; the SQL parser is translated by wasm2c and fetched, like PostgreSQL's binaries, by npm.
  need_packages psql=postgresql-client curl=curl jq=jq openssl=openssl gcc=gcc ld=binutils libc6-dev \
    wasm2c=wabt npm=npm setpriv=util-linux flock=util-linux
}

make_directories() {
  mkdir -p "$state" "$state/bin"
  (
    umask 077
    mkdir -p "$secrets" "$run" "$logs" "$state/server-data" "$state/agent-data"
  )
}

# Prints a secret that is made once and kept.
secret() {
  (
    umask 077
    [ -s "$secrets/$1" ] || random_password >"$secrets/$1"
    cat "$secrets/$1"
  )
}

install_cli() {
  # The published program finds the .NET runtime through DOTNET_ROOT, which need not be set where the command line is used.
  cat >"$state/bin/weir" <<SCRIPT
#!/bin/sh
export DOTNET_ROOT="\${DOTNET_ROOT:-$DOTNET_ROOT}"
exec "$build/cli/weir" "\$@"
SCRIPT
  chmod 755 "$state/bin/weir"
}

start_database() {
  local bin directory
  # An existing cluster needs the binaries that made it.
  if [ -s "$state/postgres-bin" ]; then
    bin=$(cat "$state/postgres-bin")
  else
    bin=$(postgres_binaries)
  fi
  [ -x "$bin/postgres" ] || die "the PostgreSQL server that made $state/postgres is gone ($bin): install it again, or remove $state"
  secret postgres >/dev/null
  directory=$(cluster_directory "$state")
  if ! [ -e "$directory/data/PG_VERSION" ]; then
    # What the last control plane knew went with its database.
    rm -rf "$state/agent-data" "$state/server-data" "$secrets/master.key" "$secrets/agent-enrolled" "$run/sample-loaded"
    make_directories
    printf '%s\n' "$bin" >"$state/postgres-bin"
  fi
  create_cluster "$bin" "$directory" "$secrets/postgres"
  start_cluster "$bin" "$directory" "$WEIR_POSTGRES_PORT" "$run/postgres.pid" "$logs/postgres.log"
}

# psql as USER on DATABASE, with nothing taken from the caller's environment or start-up files.
psql_as() {
  local user=$1 database=$2 password
  shift 2
  password=$(secret "$user")
  env -u PGOPTIONS -u PGSERVICE -u PGSSLMODE -u PGSSLROOTCERT PGPASSWORD="$password" PGHOST=127.0.0.1 PGPORT="$WEIR_POSTGRES_PORT" PGUSER="$user" \
    PGDATABASE="$database" PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --output /dev/null "$@"
}

create_databases() {
  WEIR_OWNER_PASSWORD=$(secret weir_owner) WEIR_SERVER_PASSWORD=$(secret weir_server) psql_as postgres postgres --file "$root/deploy/lib/control-plane.sql"
  ORDERS_PASSWORD=$(secret orders_app) psql_as postgres postgres --file "$root/deploy/lib/sample.sql"
}

load_sample() {
  [ ! -e "$run/sample-loaded" ] || return 0
  say "Loading the sample database"
  # A first attempt that was interrupted may have left tables behind; the database is ours alone.
  psql_as orders_app orders --command 'DROP OWNED BY orders_app' --command 'CREATE SCHEMA IF NOT EXISTS public' 2>/dev/null
  psql_as orders_app orders --file "$root/deploy/sample/schema.sql" --file "$root/deploy/sample/data.sql"
  touch "$run/sample-loaded"
}

# The control plane's environment, for its commands and for the server itself.
server_environment() {
  export WEIR_HTTP_PORT WEIR_GRPC_PORT WEIR_RELAY_PORT
  export WEIR_DATABASE_URL WEIR_MIGRATION_DATABASE_URL
  WEIR_DATABASE_URL="postgresql://weir_server:$(secret weir_server)@127.0.0.1:$WEIR_POSTGRES_PORT/weir"
  WEIR_MIGRATION_DATABASE_URL="postgresql://weir_owner:$(secret weir_owner)@127.0.0.1:$WEIR_POSTGRES_PORT/weir"
  export WEIR_MASTER_KEY_FILE=$secrets/master.key WEIR_DATA_DIR=$state/server-data
  export WEIR_PUBLIC_URL=http://127.0.0.1:$WEIR_HTTP_PORT
  umask 077
}

# Runs a command of the server program; what it prints goes through.
server_command() {
  (
    server_environment
    cd "$build/server"
    ./weir-server "$@" 2>>"$logs/server.log"
  )
}

server_is_ready() {
  curl --silent --fail --output /dev/null --max-time 2 "http://127.0.0.1:$WEIR_HTTP_PORT/readyz"
}

start_server() {
  if ! running_pid "$run/server.pid" >/dev/null; then
    server_command migrate >>"$logs/server.log" || fail_with_log server "the control plane's database could not be prepared"
    (
      server_environment
      cd "$build/server"
      start_process "$run/server.pid" "$logs/server.log" ./weir-server
    )
  fi
  wait_for server server_is_ready "the control plane did not become ready"
  install -m 644 "$state/server-data/ca.crt" "$state/ca.crt"
}

# The first administrator, the people and the AI agent of the tour, and the one-time token with which the agent enrolls.
bootstrap() {
  (
    umask 077
    # The administrator decides about reviews too, so that one sign-in shows all of the console.
    ADMIN_PASSWORD=$(secret administrator) DEVELOPER_PASSWORD=$(secret developer) REVIEWER_PASSWORD=$(secret reviewer) jq -n '{
      organization: "default",
      administrator: {email: "admin@weir.example", password: env.ADMIN_PASSWORD, groups: ["dba"]},
      users: [
        {email: "dev@weir.example", groups: ["engineers"], token: true, password: env.DEVELOPER_PASSWORD},
        {email: "dba@weir.example", groups: ["dba"], token: true, password: env.REVIEWER_PASSWORD},
        {email: "support@weir.example", groups: ["support"], token: true}
      ],
      aiAgents: [{name: "assistant", onBehalfOf: "dev@weir.example", groups: [], token: true}],
      agents: [{name: "'"$agent_name"'"}]
    }' >"$secrets/bootstrap.json"
    server_command bootstrap --file "$secrets/bootstrap.json" >"$secrets/tokens.json" ||
      fail_with_log server "the first principals could not be created"
  )
}

# Prints a token that bootstrap has made.
token_of() {
  jq --exit-status --raw-output --arg kind "$1" --arg name "$2" '.[$kind][$name]' "$secrets/tokens.json" ||
    die "bootstrap gave no token for $2"
}

agent_is_connected() {
  port_answers "$WEIR_AGENT_PORT" &&
    admin_cli agents list -o json 2>/dev/null |
    jq --exit-status --arg name "$agent_name" 'any(.[]; .name == $name and (.status == "connected" or .connected == true))' >/dev/null
}

start_agent() {
  if ! running_pid "$run/agent.pid" >/dev/null; then
    (
      umask 077
      if ! [ -e "$secrets/agent-enrolled" ]; then
        token_of agentEnrollmentTokens "$agent_name" >"$secrets/enrollment-token"
        export WEIR_ENROLLMENT_TOKEN_FILE=$secrets/enrollment-token
      fi
      export WEIR_CONTROL_PLANE_URL=https://127.0.0.1:$WEIR_GRPC_PORT WEIR_CA_FILE=$state/ca.crt
      export WEIR_AGENT_NAME=$agent_name WEIR_AGENT_DATA_DIR=$state/agent-data WEIR_AGENT_LISTEN=127.0.0.1:$WEIR_AGENT_PORT
      export WEIR_AGENT_ADVERTISE=127.0.0.1:$WEIR_AGENT_PORT WEIR_AGENT_DRAIN_TIMEOUT=5
      # The one place outside the database itself that holds its password.
      ORDERS_DB_PASSWORD=$(secret orders_app)
      export ORDERS_DB_PASSWORD
      cd "$state/agent-data"
      start_process "$run/agent.pid" "$logs/agent.log" "$build/agent/weir-agent"
    )
  fi
  wait_for agent agent_is_connected "the agent did not reach the control plane"
  rm -f "$secrets/enrollment-token"
  touch "$secrets/agent-enrolled"
}

# wait_for PROCESS COMMAND MESSAGE: until the command succeeds; fails at once when the process has ended.
wait_for() {
  local name=$1 ready=$2 message=$3
  wait_until 90 settled "$name" "$ready"
  "$ready" || fail_with_log "$name" "$message"
}

settled() {
  "$2" || ! running_pid "$run/$1.pid" >/dev/null
}

fail_with_log() {
  tail -n 20 "$logs/$1.log" >&2 || true
  die "$2; the whole log is in $logs/$1.log"
}

# ---- principals and policies -----------------------------------------------------------------------

# The command line as the principal with the given token; a token never stands in a process list.
cli_as() {
  local token=$1
  shift
  WEIR_API_URL=http://127.0.0.1:$WEIR_HTTP_PORT WEIR_TOKEN=$token "$state/bin/weir" "$@"
}

admin_cli() {
  cli_as "$(token_of tokens admin@weir.example)" "$@"
}

apply_policies() {
  rm -rf "$state/policies"
  mkdir -p "$state/policies"
  cp "$root"/deploy/sample/*.yaml "$state/policies/"
  sed -i "s/^\( *port:\) 5439\b.*/\1 $WEIR_POSTGRES_PORT/" "$state/policies/connection.yaml"
  admin_cli apply -f "$state/policies" >>"$logs/server.log" || die "the sample's policies were not accepted"
}

# Prints the credential that a principal gets for the sample connection, as JSON.
issue_credential() {
  cli_as "$1" credentials issue --connection orders --ttl 24h -o json || die "no credential was issued"
}

# Prints KEY=value, quoted for sh where the value needs it.
setting() {
  if [[ $2 =~ ^[A-Za-z0-9_/.:@%?=+,~-]*$ ]]; then
    printf '%s=%s\n' "$1" "$2"
  else
    printf "%s='%s'\n" "$1" "${2//\'/\'\\\'\'}"
  fi
}

write_env_file() {
  local developer_token ai_token developer ai base=http://127.0.0.1:$WEIR_HTTP_PORT
  developer_token=$(token_of tokens dev@weir.example)
  ai_token=$(token_of tokens assistant)
  developer=$(issue_credential "$developer_token")
  ai=$(issue_credential "$ai_token")
  (
    umask 077
    {
      setting WEIR_CONSOLE_URL "$base"
      setting WEIR_API_URL "$base"
      setting WEIR_MCP_URL "$base/mcp"
      setting WEIR_ADMIN_EMAIL admin@weir.example
      setting WEIR_ADMIN_PASSWORD "$(secret administrator)"
      setting WEIR_ADMIN_TOKEN "$(token_of tokens admin@weir.example)"
      setting WEIR_DEVELOPER_EMAIL dev@weir.example
      setting WEIR_DEVELOPER_PASSWORD "$(secret developer)"
      setting WEIR_DEVELOPER_TOKEN "$developer_token"
      setting WEIR_REVIEWER_EMAIL dba@weir.example
      setting WEIR_REVIEWER_PASSWORD "$(secret reviewer)"
      setting WEIR_REVIEWER_TOKEN "$(token_of tokens dba@weir.example)"
      setting WEIR_SUPPORT_TOKEN "$(token_of tokens support@weir.example)"
      setting WEIR_CA_FILE "$state/ca.crt"
      setting WEIR_DIRECT_URL "$(jq --exit-status --raw-output .directUrl <<<"$developer")"
      setting WEIR_RELAY_URL "$(jq --exit-status --raw-output .relayUrl <<<"$developer")"
      setting WEIR_AI_URL "$(jq --exit-status --raw-output .directUrl <<<"$ai")"
      setting WEIR_AI_TOKEN "$ai_token"
      setting WEIR_UPSTREAM_URL "postgresql://orders_app:$(secret orders_app)@127.0.0.1:$WEIR_POSTGRES_PORT/orders"
    } >"$env_file.new"
    mv "$env_file.new" "$env_file"
  )
}

# The proof that it works: one query through each road. `weir` gives the credential to the agents before it returns.
check_roads() {
  local url
  # shellcheck source=/dev/null
  source "$env_file"
  for url in "$WEIR_DIRECT_URL" "$WEIR_RELAY_URL" "$WEIR_AI_URL"; do
    PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --tuples-only --output /dev/null --dbname "$url" --command 'SELECT 1' ||
      die "the sample database can't be reached through ${url##*@}"
  done
}

print_tour() {
  cat <<TEXT

Weir is ready. Console: http://127.0.0.1:$WEIR_HTTP_PORT (admin@weir.example, password in $env_file)

  . $env_file
  export WEIR_API_URL PATH="$state/bin:\$PATH"

  psql "\$WEIR_DIRECT_URL"                        # straight to the agent; \$WEIR_RELAY_URL goes through the control plane
    SELECT full_name, ssn, credit_card FROM customers LIMIT 3;      -- masked
    DROP TABLE orders;                                              -- refused, by name
    UPDATE orders SET status = 'x';                                 -- held until a second person agrees
  WEIR_TOKEN=\$WEIR_REVIEWER_TOKEN weir reviews list                # in another terminal; then: weir reviews approve ID
  WEIR_TOKEN=\$WEIR_ADMIN_TOKEN weir sessions list                  # who did what; then: weir sessions show ID

  deploy/quickstart.sh --stop
TEXT
}

# ---- commands --------------------------------------------------------------------------------------

# Credentials of the tour live for a day: a run on a later day issues new ones, and so does one on other ports.
env_file_is_fresh() {
  [ -s "$env_file" ] && [ -n "$(find "$env_file" -mmin -720)" ] && [ "$env_file" -nt "$run/ports" ]
}

ports() {
  local name
  for name in WEIR_HTTP_PORT WEIR_GRPC_PORT WEIR_RELAY_PORT WEIR_AGENT_PORT WEIR_POSTGRES_PORT; do
    printf '%s=%s\n' "$name" "${!name}"
  done
}

# What runs stays on its ports, whatever is asked for; else the ports have to be free.
settle_ports() {
  if anything_runs; then
    # shellcheck source=/dev/null
    source "$run/ports"
  else
    check_ports
    [ "$(ports)" = "$(cat "$run/ports" 2>/dev/null)" ] || ports >"$run/ports"
  fi
}

tokens_work() {
  [ -s "$secrets/tokens.json" ] && admin_cli agents list -o json >/dev/null 2>&1
}

# Starts what does not run; everything that is done already is left as it is.
start_everything() {
  settle_ports
  if everything_runs; then
    say "Weir is running already."
  else
    find_dotnet "$root"
    install_packages
    # Programs are not exchanged under a process that runs.
    anything_runs || build_weir "$root" "$build"
    install_cli
    start_database
    create_databases
    load_sample
    say "Starting the control plane and the agent"
    start_server
    # An agent that has not enrolled needs a fresh one-time token: it may have used up the last one.
    if ! [ -e "$secrets/agent-enrolled" ] || ! tokens_work; then
      bootstrap
      rm -f "$env_file"
    fi
    start_agent
    apply_policies
  fi
  if ! env_file_is_fresh; then
    write_env_file
  fi
  check_roads
  print_tour
}

stay() {
  trap 'say "Stopping"; stop_everything; exit 0' INT TERM HUP
  say "Ctrl-C stops everything."
  while everything_runs; do
    sleep 1 &
    wait $! || true
  done
  stop_everything
  die "a process has ended; the logs are in $logs/"
}

# One run at a time. The lock is on a descriptor that no started process inherits.
lock() {
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock --wait "$1" 9 || die "another quickstart.sh is at work here"
}

detach=false
case ${1:-} in
  '') ;;
  --detach) detach=true ;;
  --stop)
    lock 600
    anything_runs || say "Nothing is running."
    stop_everything
    exit 0
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
[ $# -le 1 ] || {
  usage >&2
  exit 2
}

export WEIR_HTTP_PORT=${WEIR_HTTP_PORT:-8080} WEIR_GRPC_PORT=${WEIR_GRPC_PORT:-8081} WEIR_RELAY_PORT=${WEIR_RELAY_PORT:-6432}
export WEIR_AGENT_PORT=${WEIR_AGENT_PORT:-6433} WEIR_POSTGRES_PORT=${WEIR_POSTGRES_PORT:-5439}

lock 600
make_directories
if everything_runs; then
  start_everything
  exit 0
fi
# Whatever goes wrong on the way, nothing half started stays behind; what ran before goes on.
anything_runs || trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_everything
trap - EXIT INT TERM
flock --unlock 9
if ! $detach; then
  stay
fi
