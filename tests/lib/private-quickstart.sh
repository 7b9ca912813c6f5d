# shellcheck shell=bash
# A quickstart with a state directory and ports of its own, for measurements and corpora. Needs output.sh.

# Below the ephemeral range, where nothing takes a port by chance.
# WEIR_PRIVATE_PORT is the first of the five.
private_port=${WEIR_PRIVATE_PORT:-27440}
export WEIR_HTTP_PORT=$private_port WEIR_GRPC_PORT=$((private_port + 1)) WEIR_RELAY_PORT=$((private_port + 2))
export WEIR_AGENT_PORT=$((private_port + 3)) WEIR_POSTGRES_PORT=$((private_port + 4))

# find_kit NAME FILE: prints the directory NAME of the material that lies beside the repository, recognized by FILE.
find_kit() {
  local root=$1 name=$2 file=$3 directory=$1
  while [ "$directory" != / ]; do
    directory=$(dirname "$directory")
    if [ -e "$directory/shared/$name/$file" ]; then
      printf '%s\n' "$directory/shared/$name"
      return
    fi
  done
  die "there is no shared/$name beside $root"
}

# start_private_quickstart ROOT STATE: sets `weir` (the command line) and the keys of quickstart.env.
start_private_quickstart() {
  export WEIR_STATE_DIR=$2
  mkdir -p "$WEIR_STATE_DIR"
  "$1/deploy/quickstart.sh" --detach >"$WEIR_STATE_DIR/quickstart.log" || {
    tail -n 20 "$WEIR_STATE_DIR/quickstart.log" >&2
    die "the quickstart failed"
  }
  # shellcheck source=/dev/null
  source "$WEIR_STATE_DIR/quickstart.env"
  # One that runs already stays on its own ports.
  # shellcheck source=/dev/null
  source "$WEIR_STATE_DIR/run/ports"
  export WEIR_API_URL
  weir=$WEIR_STATE_DIR/bin/weir
}

stop_private_quickstart() {
  WEIR_STATE_DIR=$2 "$1/deploy/quickstart.sh" --stop || warn "the quickstart in $2 could not be stopped"
}

# connection_documents NAME ENVIRONMENT ACCESS UPSTREAM: prints a connection of the quickstart's agent, and the rule that gives engineers access to it. UPSTREAM is the value of that field.
connection_documents() {
  cat <<YAML
apiVersion: weir/v1
kind: Connection
metadata: { name: $1, labels: { env: $2 } }
spec:
  protocol: postgres
  agents: { names: [quickstart] }
  upstream: $4
---
apiVersion: weir/v1
kind: AccessRule
metadata: { name: engineers-$1 }
spec:
  principals: { groups: [engineers] }
  connections: { names: [$1] }
  access: $3
  mode: standing
YAML
}

# apply_documents FILE: as administrator.
apply_documents() {
  WEIR_TOKEN=$WEIR_ADMIN_TOKEN "$weir" apply -f "$1"
}

# issue_credential CONNECTION: sets user and password for it, as the developer.
# shellcheck disable=SC2034 # used by whoever calls it
issue_credential() {
  local credential
  credential=$(WEIR_TOKEN=$WEIR_DEVELOPER_TOKEN "$weir" credentials issue --connection "$1" --ttl 4h -o json)
  user=$(jq --exit-status --raw-output .id <<<"$credential")
  password=$(jq --exit-status --raw-output .secret <<<"$credential")
}
