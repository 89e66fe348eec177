#!/usr/bin/env bash
# Bellwether and its peers under Redis's own load generator, in turn and never at once: SET and GET with values of 128 bytes,
# 50 and 200 connections (c50, c200), and 50 with 16 commands in each pipeline (P16). Three nodes each, load on the leader.
#
#   redis    one primary, two replicas, appendfsync always on all of them; it answers before a replica has the write
#   memory   Bellwether with tables in memory; as always, it answers when a majority has the write on disk
#   rocksdb  Bellwether with tables on RocksDB, the default
#   ratis    a small store on Apache Ratis, by its Netty transport (bench/src/…/ratis), for DESIGN D1; ratis-grpc: by gRPC
#
# And the writes that a second machine has too: SET on ours, SET and WAIT 1 on Redis, both from one Java client (SetLoad).
#
#   bench/redis.sh [--rounds 3] [--requests 200000] [--warmup 500000] [--keys 100000]
#                  [--systems "redis memory rocksdb ratis"] [--reads "linearizable local"]
#                  [--dir DIR] [--samples FILE] [--out FILE.md]
#
# Prints every sample as it comes, and in the end the tables of redis-report.awk; --samples keeps them for more of those.
# The programs of Redis are looked for on the PATH, and in $REDIS_HOME, $REDIS_HOME/bin and $REDIS_HOME/src.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$root/bench/nodes.sh"

rounds=3
requests=200000
warmup=500000
keys=100000
systems="redis memory rocksdb ratis"
reads="linearizable local"
dir="$root/data/bench"
kept=""
out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds="$2" ;;
    --requests) requests="$2" ;;
    --warmup) warmup="$2" ;;
    --keys) keys="$2" ;;
    --systems) systems="$2" ;;
    --reads) reads="$2" ;;
    --dir) dir="$2" ;;
    --samples) kept="$2" ;;
    --out) out="$2" ;;
    *)
      echo "unknown option $1; see the head of $0" >&2
      exit 2
      ;;
  esac
  shift 2
done

benchmark="$(find_redis redis-benchmark redis-tools)"
client="$(find_redis redis-cli redis-tools)"
case " $systems " in *" redis "*) server="$(find_redis redis-server redis-server)" ;; esac
make_folders "$dir" redis
samples="$work/samples"
: >"$samples"

reversed() { printf '%s\n' "$@" | tac | tr '\n' ' '; }

# Redis

redis_port=16379

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

run_redis() {
  start_redis
  warm
  measure set
  measure get
  measure_kept wait
}

# Bellwether

run_bell() { # memory|rocksdb
  local how first=yes
  for how in $reads; do
    start_bell --storage "$1" --resp-reads "$how"
    allow_reads "$how"
    port=$((bell_resp + leader))
    warm
    if [ "$first" = yes ]; then
      measure set
      measure_kept set
    fi
    first=no
    measure get "get-$how"
    stop_all
  done
}

# Ratis

ratis_peer=17601
ratis_resp=16601

start_ratis() { # netty|grpc
  local i
  rm -rf "$data/ratis"
  for i in 1 2 3; do
    mkdir -p "$data/ratis"
    (
      bench_path="$bench_path:$root/bench/target/ratis/*"
      BENCH_HEAP="-Xmx2g -XX:+UseCompactObjectHeaders -XX:+UseG1GC --sun-misc-unsafe-memory-access=allow
        -Dorg.slf4j.simpleLogger.defaultLogLevel=error"
      bench_exec org.bellwether.bench.ratis.RatisNode "$i" "$data/ratis/r$i" "$ratis_peer" "$ratis_resp" "$1"
    ) >"$work/ratis$i.log" 2>&1 &
    pids+=($!)
  done
  leader="$(await ratis_leader)"
  port=$((ratis_resp + leader))
}

ratis_leader() {
  sed -n 's/^ready: n\([1-3]\) leads.*/\1/p' "$work"/ratis?.log | tail -n 1
}

run_ratis() { # netty|grpc
  start_ratis "$1"
  warm
  measure set
  measure get get-linearizable
}

# Measuring

# Before anything is written down the code is warm, and nearly every key is there: they are drawn at random, and to find
# nothing is cheaper than to find something.
warm() {
  redis_load "$port" set P16 $((5 * keys)) >/dev/null
  redis_load "$port" set c50 "$warmup" >/dev/null
  redis_load "$port" get c50 "$warmup" >/dev/null
}

# A sample: "round system what load throughput p50 p99", latencies in milliseconds.
sample() { # WHAT LOAD RESULT
  [ -n "$3" ] || {
    echo "no result for $1 $2 of $system" >&2
    exit 1
  }
  echo "$round $system $1 $2 $3" | tee -a "$samples" >&2
}

measure() { # set|get [NAME]
  local load result
  for load in c50 c200 P16; do
    result="$(redis_load "$port" "$1" "$load" "$requests")"
    sample "${2:-$1}" "$load" "$result"
  done
}

# A write that a second machine has, too.
measure_kept() { # set|wait
  local clients result
  for clients in 50 200; do
    result="$(bench_exec org.bellwether.bench.SetLoad "$port" "$clients" "$requests" "$keys" "$1" 2>"$work/load.log")" || {
      cat "$work/load.log" >&2
      exit 1
    }
    sample kept "c$clients" "$result"
  done
}

bench_build
for ((round = 1; round <= rounds; round++)); do
  for system in $systems; do
    echo "round $round of $rounds: $system" >&2
    case "$system" in
      redis) run_redis ;;
      memory | rocksdb) run_bell "$system" ;;
      ratis) run_ratis netty ;;
      ratis-grpc) run_ratis grpc ;;
      *)
        echo "unknown system $system; see the head of $0" >&2
        exit 2
        ;;
    esac
    stop_all
  done
  # The last one goes first the next time: the machine's speed drifts.
  # shellcheck disable=SC2086 # words
  systems="$(reversed $systems)"
  # shellcheck disable=SC2086
  reads="$(reversed $reads)"
done

{
  echo "## Redis clients, three nodes, 128-byte values, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, $(uname -sr), $rounds rounds of $requests requests for each figure; $("$benchmark" --version)."
  awk -f "$root/bench/redis-report.awk" "$samples"
} >"$work/report.md"
cat "$work/report.md"
if [ -n "$kept" ]; then cat "$samples" >>"$kept"; fi
if [ -n "$out" ]; then
  { cat "$work/report.md" && echo; } >>"$out"
fi
