#!/usr/bin/env bash
# Runs one of the corpora that lie beside the repository (shared/corpus) through an agent: tests/compat/corpus.sh evasion|masking [ARGUMENTS...]
# Further arguments go to the corpus's runner. The gateway is configured as the corpus's README asks. Needs root, as the victim cluster does.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../deploy/lib/output.sh
source "$root/deploy/lib/output.sh"
# shellcheck source=../../deploy/lib/packages.sh
source "$root/deploy/lib/packages.sh"
# shellcheck source=../lib/private-quickstart.sh
source "$root/tests/lib/private-quickstart.sh"

which=${1:-}
case $which in
  evasion) runner=run_corpus.py database=relsec_case access=write ;;
  masking) runner=run_masking.py database=relsec_mask access=admin ;;
  *) die "usage: corpus.sh evasion|masking [ARGUMENTS...]" ;;
esac
shift
kit=$(find_kit "$root" corpus "$runner")
need_packages postgresql-15 postgresql-contrib psql=postgresql-client openssl=openssl python3=python3 jq=jq

state=$root/.perf/corpus
export CORPUS_PORT=${CORPUS_PORT:-27450}
export CORPUS_STATE=${CORPUS_STATE:-/var/tmp/weir-corpus-$CORPUS_PORT}
mkdir -p "$state"

finish() {
  stop_private_quickstart "$root" "$state/weir"
  "$kit/victim.sh" down || true
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$kit/victim.sh" up
start_private_quickstart "$root" "$state/weir"

(
  umask 077
  # The victim's password is a fixed one, written in its own script.
  victim_password=$(sed -n 's/^sql() { PGPASSWORD=\([^ ]*\) .*/\1/p' "$kit/victim.sh")
  connection_documents victim corpus "$access" "{ host: 127.0.0.1, port: $CORPUS_PORT, database: $database, tls: prefer, user: postgres, password: { stored: \"$victim_password\" } }" >"$state/victim.yaml"
  cat >>"$state/victim.yaml" <<YAML
---
YAML
  if [ "$which" = evasion ]; then
    cat >>"$state/victim.yaml" <<'YAML'
apiVersion: weir/v1
kind: GuardrailPack
metadata: { name: victim-baseline }
spec:
  pack: postgres-baseline
  connections: { names: [victim] }
YAML
  else
    jq --raw-output '
      {apiVersion: "weir/v1", kind: "MaskingRule", metadata: {name: "victim-pii"},
       spec: {connections: {names: ["victim"]}, columns: .columns,
              detect: [.patterns[] | sub("_luhn$"; "")], mask: "redact", use: "deny", unprovable: "mask"}} | tojson' \
      "$kit/masking_policy.json" >>"$state/victim.yaml"
  fi
)
apply_documents "$state/victim.yaml"
issue_credential victim
# shellcheck disable=SC2154 # user and password are set by issue_credential
python3 "$kit/$runner" --admin-port "$CORPUS_PORT" --host 127.0.0.1 --port "$WEIR_AGENT_PORT" "--user=$user" "--password=$password" --db victim "$@"
