#!/usr/bin/env bash
# Bellwether and its peers under Redis's own load generator: SET and GET with values of 128 bytes, 50 and 200 connections
# (c50, c200), and 50 with 16 commands in each pipeline (P16). Three nodes each, load on the leader.
#
#   redis    one primary, two replicas, appendfsync always on all of them; it answers before a replica has the write
#   memory   Bellwether with tables in memory; as always, it answers when a majority has the write on disk
#   rocksdb  Bellwether with tables on RocksDB, the default
#   ratis    a small store on Apache Ratis, by its Netty transport (bench/src/…/ratis), which a core of our own is held against (ADR 5); ratis-grpc: by gRPC
#
# And the writes that a second machine has too: SET on ours, SET and WAIT 1 on Redis, both from one Java client (SetLoad).
#
# All of them are started and warmed up first; but only one runs at a time, and the others are stopped (SIGSTOP). So
# they can take turns of some seconds under each load, and a ratio compares neighbours in time: the speed of a shared
# machine may change by half within minutes. Rounds differ by who goes first.
#
#   bench/redis.sh [--rounds 3] [--requests 100000] [--warmup 1500000] [--keys 100000]
#                  [--systems "redis memory rocksdb ratis"] [--reads "linearizable local"]
#                  [--dir DIR] [--samples FILE] [--out FILE.md]
#
# Prints every sample as it comes, and in the end the tables of redis-report.awk; --samples keeps them for more of those.
# The programs of Redis are looked for on the PATH, and in $REDIS_HOME, $REDIS_HOME/bin and $REDIS_HOME/src.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$root/bench/nodes.sh"

rounds=3
requests=100000
warmup=1500000
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

# What takes part, in the order of their turns: a system or, of Bellwether's, one with its way to read ("memory-local").
turns=()
# By its name: the port of its leader; its processes; what it is measured at, "set", "get" and "kept"; how it keeps writes
# (SetLoad's last word).
declare -A ports nodes loads keeps

takes_part() { # NAME PORT LOADS KEEPS PID…
  turns+=("$1")
  ports[$1]="$2"
  loads[$1]="$3"
  keeps[$1]="$4"
  nodes[$1]="${*:5}"
  echo "warming up $1" >&2
  warm "$2"
  freeze "$1"
}

# shellcheck disable=SC2086 # words
freeze() { kill -STOP ${nodes[$1]}; }
# shellcheck disable=SC2086
thaw() { kill -CONT ${nodes[$1]}; }

# Who is frozen hears no other signal.
end_all() {
  local name
  for name in ${turns[@]+"${turns[@]}"}; do thaw "$name" 2>/dev/null || true; done
  stop_all
}
trap 'end_all; rm -rf "$work" "$data"' EXIT

# Redis

redis_port=16379

start_redis() {
  local i
  for i in 1 2 3; do
    mkdir -p "$data/redis/r$i"
    "$server" --port $((redis_port + i)) --bind 127.0.0.1 --dir "$data/redis/r$i" --save "" \
      --appendonly yes --appendfsync always --repl-diskless-sync-delay 0 >"$work/redis$i.log" 2>&1 &
    pids+=($!)
    [ "$i" = 1 ] || await redis_cli "$i" REPLICAOF 127.0.0.1 $((redis_port + 1)) >/dev/null
  done
  await redis_replicated >/dev/null
  takes_part redis $((redis_port + 1)) "set get kept" wait "${pids[@]: -3}"
}

redis_cli() {
  local node="$1"
  shift
  "$client" -p $((redis_port + node)) "$@" | grep -v '^Could not connect'
}

redis_replicated() {
  [ "$(redis_cli 1 INFO replication | grep -c 'state=online')" = 2 ] && echo yes
}

# Bellwether

# A cluster for each way to read; the first of them is written to as well.
start_bells() { # memory|rocksdb
  local how tasks="set get kept"
  for how in $reads; do
    bell_name="$1-$how"
    start_bell --storage "$1" --resp-reads "$how"
    allow_reads "$how"
    takes_part "$bell_name" $((bell_resp + leader)) "$tasks" set "$(cat "$data/$bell_name"/n?/node.pid | tr '\n' ' ')"
    tasks=get
    bell_http=$((bell_http + 30))
    bell_peer=$((bell_peer + 30))
    bell_resp=$((bell_resp + 30))
  done
}

# Ratis

ratis_peer=17601
ratis_resp=16601

start_ratis() { # NAME netty|grpc
  local i
  for i in 1 2 3; do
    mkdir -p "$data/$1"
    (
      bench_path="$bench_path:$root/bench/target/ratis/*"
      BENCH_HEAP="-Xmx2g -XX:+UseCompactObjectHeaders -XX:+UseG1GC --sun-misc-unsafe-memory-access=allow
        -Dorg.slf4j.simpleLogger.defaultLogLevel=error"
      bench_exec org.bellwether.bench.ratis.RatisNode "$i" "$data/$1/r$i" "$ratis_peer" "$ratis_resp" "$2"
    ) >"$work/$1-$i.log" 2>&1 &
    pids+=($!)
  done
  leader="$(await ratis_leader "$1")"
  takes_part "$1" $((ratis_resp + leader)) "set get" "" "${pids[@]: -3}"
  ratis_peer=$((ratis_peer + 10))
  ratis_resp=$((ratis_resp + 10))
}

ratis_leader() {
  sed -n 's/^ready: n\([1-3]\) leads.*/\1/p' "$work/$1"-?.log | tail -n 1
}

# Measuring

# Before anything is written down the code is warm for each load, and nearly every key is there: they are drawn at random,
# and to find nothing is cheaper than to find something.
warm() { # PORT
  redis_load "$1" set P16 $((5 * keys)) >/dev/null
  redis_load "$1" set c50 "$warmup" >/dev/null
  redis_load "$1" get c50 $((warmup / 3)) >/dev/null
  redis_load "$1" set c200 $((warmup / 3)) >/dev/null
  redis_load "$1" get c200 $((warmup / 3)) >/dev/null
  redis_load "$1" set P16 "$warmup" >/dev/null
  redis_load "$1" get P16 "$warmup" >/dev/null
}

# A leader that woke up late may have lost its office, and what it then passes on is not what is to be measured.
must_lead() { # NAME
  case "$1" in ratis*) return ;; esac
  [ "$("$client" -p "${ports[$1]}" ROLE | head -n 1)" = master ] || {
    echo "$1 has another leader than at the beginning: its figures are not those of a leader" >&2
    exit 1
  }
}

# One turn. A sample: "round system what load throughput p50 p99 cpu", latencies in milliseconds, cpu in microseconds of the
# three nodes' processor time for each request.
turn() { # NAME set|get|kept LOAD
  local count="$requests" all before result system="${1%%-*}" what="$2"
  # Pipelined ones are over sooner, and what takes half a second says more of the machine than of anybody.
  if [ "$3" = P16 ]; then count=$((10 * requests)); fi
  thaw "$1"
  # It has slept, and so has all that it waits for.
  redis_load "${ports[$1]}" set c50 $((requests / 20)) >/dev/null
  # shellcheck disable=SC2086 # words
  before="$(spent ${nodes[$1]})"
  if [ "$what" = kept ]; then
    # A quarter more goes before what it counts.
    all=$((count + count / 4))
    result="$(bench_exec org.bellwether.bench.SetLoad "${ports[$1]}" "${3#c}" "$count" "$keys" "${keeps[$1]}" 2>"$work/load.log")" || {
      cat "$work/load.log" >&2
      exit 1
    }
  else
    all="$count"
    result="$(redis_load "${ports[$1]}" "$what" "$3" "$count")"
  fi
  # shellcheck disable=SC2086
  result="$result $(awk -v spent=$(($(spent ${nodes[$1]}) - before)) -v all="$all" 'BEGIN { print spent * 10000 / all }')"
  must_lead "$1"
  freeze "$1"
  case "$1" in
    memory-* | rocksdb-*) if [ "$what" = get ]; then what="get-${1#*-}"; fi ;;
    ratis*)
      system="$1"
      if [ "$what" = get ]; then what=get-linearizable; fi
      ;;
  esac
  echo "$round $system $what $3 $result" | tee -a "$samples" >&2
}

bench_build
for system in $systems; do
  case "$system" in
    redis) start_redis ;;
    memory | rocksdb) start_bells "$system" ;;
    ratis) start_ratis ratis netty ;;
    ratis-grpc) start_ratis ratis-grpc grpc ;;
    *)
      echo "unknown system $system; see the head of $0" >&2
      exit 2
      ;;
  esac
done
for ((round = 1; round <= rounds; round++)); do
  for load in "set c50" "set c200" "set P16" "get c50" "get c200" "get P16" "kept c50" "kept c200"; do
    for name in "${turns[@]}"; do
      # shellcheck disable=SC2086 # words
      case " ${loads[$name]} " in *" ${load% *} "*) turn "$name" $load ;; esac
    done
  done
  # The last one goes first the next time: the machine's speed drifts.
  mapfile -t turns < <(printf '%s\n' "${turns[@]}" | tac)
done

{
  echo "## Redis clients, three nodes, 128-byte values, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, $(uname -sr), $rounds rounds of $requests requests for each figure, ten times as many pipelined; $("$benchmark" --version)."
  awk -f "$root/bench/redis-report.awk" "$samples"
} >"$work/report.md"
cat "$work/report.md"
if [ -n "$kept" ]; then cat "$samples" >>"$kept"; fi
if [ -n "$out" ]; then
  { cat "$work/report.md" && echo; } >>"$out"
fi
