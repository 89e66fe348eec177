#!/usr/bin/env bash
# Three nodes of Bellwether and one primary with two replicas of Redis, appendfsync always on all of them, in turn and
# never at once: redis-benchmark with SET and GET, values of 128 bytes, 50 and 200 connections and 50 with 16 commands in
# each pipeline. Load goes to the leader of either. Redis answers before a replica has the write, Bellwether when a
# majority has it on disk. Prints every round with its ratios, and the medians.
#
#   bench/redis.sh [--rounds 3] [--requests 200000] [--warmup 50000] [--dir DIR] [--only bellwether|redis] [--out FILE.md]
#
# The programs of Redis are looked for on the PATH, and in $REDIS_HOME, $REDIS_HOME/bin and $REDIS_HOME/src.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

rounds=3
requests=200000
warmup=50000
dir="$root/data/bench"
systems="redis bellwether"
out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds="$2" ;;
    --requests) requests="$2" ;;
    --warmup) warmup="$2" ;;
    --dir) dir="$2" ;;
    --only) systems="$2" ;;
    --out) out="$2" ;;
    *)
      echo "unknown option $1; see the head of $0" >&2
      exit 2
      ;;
  esac
  shift 2
done

find_redis() {
  local place
  command -v "$1" && return
  for place in "${REDIS_HOME:-}" "${REDIS_HOME:-}/bin" "${REDIS_HOME:-}/src"; do
    [ -n "${REDIS_HOME:-}" ] && [ -x "$place/$1" ] && echo "$place/$1" && return
  done
  echo "$1 is needed, and is neither on the PATH nor in \$REDIS_HOME (Debian: apt install $2)" >&2
  exit 2
}
benchmark="$(find_redis redis-benchmark redis-tools)"
client="$(find_redis redis-cli redis-tools)"
case "$systems" in *redis*) server="$(find_redis redis-server redis-server)" ;; esac

work="$(mktemp -d "${TMPDIR:-/tmp}/bell-redis.XXXXXX")"
samples="$work/samples"
: >"$samples"
data="$dir/redis-$$"
mkdir -p "$data"
pids=()

stop_all() {
  local pid
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
trap 'stop_all; rm -rf "$work" "$data"' EXIT
trap 'exit 130' INT TERM

# Waits until the command given prints something; prints that.
await() {
  local i answer
  for ((i = 0; i < 300; i++)); do
    answer="$("$@" 2>/dev/null || true)"
    if [ -n "$answer" ]; then
      echo "$answer"
      return
    fi
    sleep 0.2
  done
  echo "waited in vain for: $*" >&2
  tail -n 5 "$work"/*.log >&2
  return 1
}

redis_port=16379
bell_http=17401
bell_peer=17501
bell_resp=16401

start_redis() {
  local i
  rm -rf "$data/redis"
  for i in 1 2 3; do
    mkdir -p "$data/redis/r$i"
    "$server" --port $((redis_port + i)) --bind 127.0.0.1 --dir "$data/redis/r$i" --save "" \
      --appendonly yes --appendfsync always --repl-diskless-sync-delay 0 >"$work/redis$i.log" 2>&1 &
    pids+=($!)
    [ "$i" = 1 ] || await redis_cli "$i" REPLICAOF 127.0.0.1 $((redis_port + 1)) >/dev/null
  done
  await redis_replicated >/dev/null
  port=$((redis_port + 1))
}

redis_cli() {
  local node="$1"
  shift
  "$client" -p $((redis_port + node)) "$@" | grep -v '^Could not connect'
}

redis_replicated() {
  [ "$(redis_cli 1 INFO replication | grep -c 'state=online')" = 2 ] && echo yes
}

start_bellwether() {
  "$root/bell" dev --fresh ${BELL_DEV:-} --dir "$data/bellwether" --http-port $((bell_http + 1)) \
    --resp-port $((bell_resp + 1)) --peer-port $((bell_peer + 1)) >"$work/bell.log" 2>&1 &
  pids+=($!)
  port="$(await bellwether_leader)"
}

bellwether_leader() {
  local name
  name="$(sed -n 's/^ready: \(n[1-3]\) leads.*/\1/p' "$work/bell.log")"
  [ -n "$name" ] && echo $((bell_resp + ${name#n}))
}

# One measurement: a line "what load throughput p50 p99", latencies in milliseconds.
measure() {
  local what="$1" load="$2" count="$3" options
  case "$load" in
    c50) options="-c 50" ;;
    c200) options="-c 200" ;;
    P16) options="-c 50 -P 16" ;;
  esac
  # shellcheck disable=SC2086
  "$benchmark" -h 127.0.0.1 -p "$port" -t "$what" -n "$count" -d 128 -r 100000 $options --csv >"$work/run.out" 2>&1 || {
    cat "$work/run.out" >&2
    exit 1
  }
  awk -F'","' -v what="$what" -v load="$load" \
    'toupper(substr($1, 2)) == toupper(what) { print what, load, $2, $5, $7 }' "$work/run.out"
}

# Built before anything is waited for.
"$root/bell" --version >"$work/build.log" 2>&1 || {
  cat "$work/build.log" >&2
  exit 1
}

for ((round = 1; round <= rounds; round++)); do
  for system in $systems; do
    echo "round $round of $rounds: $system" >&2
    "start_$system"
    # Every key exists and the code is warm before anything is written down.
    measure set P16 "$warmup" >/dev/null
    measure set c50 "$warmup" >/dev/null
    measure get c50 "$warmup" >/dev/null
    for what in set get; do
      for load in c50 c200 P16; do
        sample="$(measure "$what" "$load" "$requests")"
        [ -n "$sample" ] || {
          echo "redis-benchmark gave no figures:" >&2
          cat "$work/run.out" >&2
          exit 1
        }
        echo "$round $system $sample" | tee -a "$samples" >&2
      done
    done
    stop_all
  done
  # The other one goes first the next time: the machine's speed drifts.
  # shellcheck disable=SC2086
  systems="$(printf '%s\n' $systems | tac | tr '\n' ' ')"
done

report() {
  echo "## Redis clients, three nodes, 128-byte values, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, $(uname -sr), median of $rounds rounds of $requests commands; $("$benchmark" --version). Redis: one primary, two
replicas, appendfsync always. Latencies in milliseconds, p50 / p99. The ratio of each round, and their median."
  echo
  echo "| | load | Bellwether /s | Redis /s | ratio | of each round | Bellwether p50 / p99 | Redis p50 / p99 |"
  echo "|---|---|---|---|---|---|---|---|"
  awk '
    function median(list, count,   i, j, swap, v) {
      split(list, v, " ")
      for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
        if (v[j] + 0 < v[i] + 0) { swap = v[i]; v[i] = v[j]; v[j] = swap }
      return count % 2 ? v[(count + 1) / 2] : (v[count / 2] + v[count / 2 + 1]) / 2
    }
    {
      id = $2 " " $3 " " $4
      n[id]++; rate[id] = rate[id] " " $5; p50[id] = p50[id] " " $6; p99[id] = p99[id] " " $7
      of[$1 " " id] = $5
      if ($1 + 0 > last) last = $1 + 0
    }
    function cell(id) { return id in n ? sprintf("%.0f", median(rate[id], n[id])) : "–" }
    function latency(id) {
      return id in n ? sprintf("%.2f / %.2f", median(p50[id], n[id]), median(p99[id], n[id])) : "–"
    }
    END {
      names["set"] = "SET"; names["get"] = "GET, linearizable"
      split("set get", whats, " "); split("c50 c200 P16", loads, " ")
      for (w = 1; w <= 2; w++) for (l = 1; l <= 3; l++) {
        ours = "bellwether " whats[w] " " loads[l]; theirs = "redis " whats[w] " " loads[l]
        ratios = ""; count = 0
        for (r = 1; r <= last; r++) if ((r " " ours) in of && (r " " theirs) in of) {
          ratios = ratios " " sprintf("%.2f", of[r " " ours] / of[r " " theirs]); count++
        }
        printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", names[whats[w]], loads[l], cell(ours), cell(theirs),
          count ? sprintf("%.2f", median(ratios, count)) : "–", count ? substr(ratios, 2) : "–", latency(ours), latency(theirs)
      }
    }' "$samples"
}

report
if [ -n "$out" ]; then
  { report && echo; } >>"$out"
fi
