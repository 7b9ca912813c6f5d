# shellcheck shell=bash
# What the measuring kit can't measure, for run.sh: TLS on the client leg beside PgBouncer with TLS, the relay beside the agent, and the agent's memory while much data passes.
# Uses what run.sh has set: cluster, state, agent, user, password. Like the kit's, its targets take turns, and only ratios mean anything.
# shellcheck disable=SC2154

# ticks PID: processor time of all threads so far, in clock ticks.
ticks() {
  awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

median() {
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# one_block NAME PID CLIENTS CONNINFO: appends `microseconds of CPU per query` and `median latency in microseconds` of a block to $work/NAME.cpu and .p50.
one_block() {
  local before after count
  before=$(ticks "$2")
  rm -f "$work"/log.*
  (cd "$work" && pgbench -n -S -M prepared -c "$3" -j 1 -t "$((block / $3))" -l --log-prefix=log "$4" >"$work/pgbench.out" 2>&1) || {
    cat "$work/pgbench.out" >&2
    die "pgbench failed over $1"
  }
  after=$(ticks "$2")
  count=$(cat "$work"/log.* | wc -l)
  awk -v t="$((after - before))" -v hz="$(getconf CLK_TCK)" -v n="$count" 'BEGIN { print t * 1e6 / hz / n }' >>"$work/$1.cpu"
  cat "$work"/log.* | awk '{ print $3 }' | median >>"$work/$1.p50"
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# rss PID KEY: of /proc/PID/status, in KiB.
memory_of() {
  awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

# copied NAME COMMAND...: runs it with the agent's high-water mark reset, and says how far the agent grew.
copied() {
  local name=$1 before peak
  shift
  echo 5 >"/proc/$agent/clear_refs"
  before=$(memory_of "$agent" VmRSS)
  "$@"
  peak=$(memory_of "$agent" VmHWM)
  printf '%-28s %8d KiB before, %8d KiB at most\n' "$name" "$before" "$peak"
}

measure_legs() {
  local work=$state/legs block=4000 rounds=7 clients round pooler direct relay
  mkdir -p "$work"
  read -r pooler _ <"$cluster/pids/pgbouncer-tls"
  # shellcheck source=/dev/null
  source "$state/upstream.env"
  direct="host=127.0.0.1 port=$WEIR_AGENT_PORT user=$user password=$password dbname=bench gssencmode=disable"
  relay="host=127.0.0.1 port=$WEIR_RELAY_PORT user=$user password=$password dbname=bench gssencmode=disable sslmode=require"

  for clients in 1 8; do
    rm -f "$work"/*.cpu "$work"/*.p50
    for ((round = 0; round <= rounds; round++)); do
      one_block pooler-tls "$pooler" "$clients" "host=127.0.0.1 port=$((PGPORT + 3)) user=$PGUSER password=$PGPASSWORD dbname=$PGDATABASE sslmode=require"
      one_block weir-tls "$agent" "$clients" "$direct sslmode=require"
      one_block weir-plain "$agent" "$clients" "$direct sslmode=disable"
      one_block weir-relay "$agent" "$clients" "$relay"
      # The first round warms everything up.
      [ "$round" -gt 0 ] || rm -f "$work"/*.cpu "$work"/*.p50
    done
    printf '\n%d client(s), prepared, %d rounds of %d queries\n%-12s %12s %10s\n' "$clients" "$rounds" "$block" target 'CPU us/query' 'p50 us'
    for target in pooler-tls weir-tls weir-plain weir-relay; do
      printf '%-12s %12.1f %10.0f\n' "$target" "$(median <"$work/$target.cpu")" "$(median <"$work/$target.p50")"
    done
    printf 'TLS: CPU per query %s of PgBouncer with TLS. Relay: %d us added to the p50 of the agent with TLS.\n' \
      "$(ratio "$(median <"$work/weir-tls.cpu")" "$(median <"$work/pooler-tls.cpu")")" "$(($(median <"$work/weir-relay.p50" | cut -d. -f1) - $(median <"$work/weir-tls.p50" | cut -d. -f1)))"
  done

  rm -f "$work"/*.seconds
  for ((round = 0; round < 5; round++)); do
    for target in "direct $direct sslmode=require" "relay $relay"; do
      local begin end
      begin=$(date +%s%N)
      psql -X -q "${target#* }" -c 'COPY (SELECT * FROM pgbench_accounts LIMIT 100000) TO STDOUT' >/dev/null
      end=$(date +%s%N)
      echo "$(((end - begin) / 1000))" >>"$work/${target%% *}.seconds"
    done
  done
  printf '\nScan of 100,000 rows through the relay: %s of the throughput of the agent with TLS\n\n' "$(ratio "$(median <"$work/direct.seconds")" "$(median <"$work/relay.seconds")")"

  copied 'COPY of 2 GiB out' psql -X -q "$direct sslmode=disable" -c "COPY (SELECT repeat('x', 1023) FROM generate_series(1, 2097152)) TO STDOUT" -o /dev/null
  psql -X -q "$direct sslmode=disable" -c 'SELECT 1' >/dev/null
  # Nothing is kept: the rows pass the agent and the server drops them.
  # shellcheck disable=SC2016
  copied 'COPY of 2 GiB in' sh -c 'yes "$0" | head -n 2097152 | psql -X -q "$1" -c "COPY pgbench_history (filler) FROM STDIN WHERE false"' "$(printf 'x%.0s' {1..22})$(printf ' %.0s' {1..1001})" "$direct sslmode=disable"
}
