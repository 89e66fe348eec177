#!/usr/bin/env bash
# Three nodes of Bellwether and three of etcd, over HTTP, in turn and never at once: throughput and latency of
# PUT and GET with 128-byte values, side by side, median of rounds. Load goes to the leader of either.
#
#   bench/http.sh [--rounds 3] [--seconds 10] [--warmup 3] [--connections "1 50 200"] [--dir DIR]
#                 [--only bellwether|etcd] [--out FILE.md]
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(dirname "$here")"
export BENCH_LUA="$here/lua"
. "$here/nodes.sh"

rounds=3
seconds=10
warmup=3
connections="1 50 200"
dir="$root/data/bench"
systems="etcd bellwether"
out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds="$2" ;;
    --seconds) seconds="$2" ;;
    --warmup) warmup="$2" ;;
    --connections) connections="$2" ;;
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

need wrk wrk
need curl curl
need awk mawk
case "$systems" in *etcd*) need etcd etcd-server ;; esac

make_folders "$dir" http
samples="$work/samples"
: >"$samples"

etcd_client=12379
etcd_peer=12389

start_etcd() {
  local i cluster=""
  for i in 1 2 3; do
    cluster="$cluster${cluster:+,}e$i=http://127.0.0.1:$((etcd_peer + i))"
  done
  rm -rf "$data"/etcd
  mkdir -p "$data/etcd"
  for i in 1 2 3; do
    etcd --name "e$i" --data-dir "$data/etcd/e$i" --log-level error \
      --listen-client-urls "http://127.0.0.1:$((etcd_client + i))" \
      --advertise-client-urls "http://127.0.0.1:$((etcd_client + i))" \
      --listen-peer-urls "http://127.0.0.1:$((etcd_peer + i))" \
      --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_peer + i))" \
      --initial-cluster "$cluster" --initial-cluster-state new >"$work/e$i.log" 2>&1 &
    pids+=($!)
  done
  target="$(await etcd_leader)"
}

# The address of the member whose own ID is the leader's.
etcd_leader() {
  local i status member leader
  for i in 1 2 3; do
    status="$(curl -s -m 2 -X POST -d '{}' "http://127.0.0.1:$((etcd_client + i))/v3/maintenance/status")"
    member="$(sed -n 's/.*"member_id":"\([0-9]*\)".*/\1/p' <<<"$status")"
    leader="$(sed -n 's/.*"leader":"\([0-9]*\)".*/\1/p' <<<"$status")"
    if [ -n "$member" ] && [ "$member" = "$leader" ]; then
      echo "http://127.0.0.1:$((etcd_client + i))"
      return
    fi
  done
}

start_bellwether() {
  start_bell
  target="http://127.0.0.1:$((bell_http + leader))"
}

# One measurement: a line "system what connections throughput p50 p99 errors", latencies in milliseconds.
measure() {
  local system="$1" what="$2" count="$3" time="$4" threads=2
  [ "$count" -lt 2 ] && threads=1
  wrk -t "$threads" -c "$count" -d "${time}s" --timeout 5s --latency -s "$BENCH_LUA/$system-$what.lua" \
    "$target" >"$work/wrk.out" 2>&1 || {
    cat "$work/wrk.out" >&2
    exit 1
  }
  awk -v name="$system" -v what="$what" -v count="$count" '
    function ms(text) {
      if (text ~ /us$/) return text / 1000
      if (text ~ /ms$/) return text + 0
      if (text ~ /m$/) return text * 60000
      return text * 1000
    }
    $1 == "50%" { p50 = ms($2) }
    $1 == "99%" { p99 = ms($2) }
    /Requests\/sec:/ { rate = $2 }
    /Non-2xx/ { errors += $NF }
    /Socket errors:/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+,?$/) errors += $i }
    END { print name, what, count, rate, p50, p99, errors + 0 }' "$work/wrk.out"
}

for ((round = 1; round <= rounds; round++)); do
  for system in $systems; do
    echo "round $round of $rounds: $system" >&2
    "start_$system"
    # Every key exists and the code is warm before anything is written down.
    measure "$system" put 50 "$warmup" >/dev/null
    measure "$system" get 50 "$warmup" >/dev/null
    for what in put get get-local; do
      for count in $connections; do
        measure "$system" "$what" "$count" "$seconds" | tee -a "$samples" >&2
      done
    done
    stop_all
  done
  # The other one goes first the next time: the machine's speed drifts.
  # shellcheck disable=SC2086
  systems="$(printf '%s\n' $systems | tac | tr '\n' ' ')"
done

report() {
  echo "## HTTP, three nodes, 128-byte values, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, $(uname -sr), median of $rounds rounds of $seconds s; etcd $(etcd --version 2>/dev/null |
    sed -n 's/^etcd Version: //p'). Latencies in milliseconds, p50 / p99."
  echo
  echo "| | connections | Bellwether /s | etcd /s | ratio | Bellwether p50 / p99 | etcd p50 / p99 | errors |"
  echo "|---|---|---|---|---|---|---|---|"
  sort -k1,1 -k2,2 -k3,3n "$samples" | awk '
    function median(list, count,   i, j, swap, v) {
      split(list, v, " ")
      for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
        if (v[j] + 0 < v[i] + 0) { swap = v[i]; v[i] = v[j]; v[j] = swap }
      return count % 2 ? v[(count + 1) / 2] : (v[count / 2] + v[count / 2 + 1]) / 2
    }
    {
      id = $1 " " $2 " " $3
      n[id]++; rate[id] = rate[id] " " $4; p50[id] = p50[id] " " $5; p99[id] = p99[id] " " $6; bad[id] += $7
      if (!($3 in seen)) { seen[$3] = ++counts; order[counts] = $3 }
    }
    function cell(id, list) { return id in n ? sprintf("%.0f", median(list[id], n[id])) : "–" }
    function latency(id) {
      return id in n ? sprintf("%.2f / %.2f", median(p50[id], n[id]), median(p99[id], n[id])) : "–"
    }
    END {
      names["put"] = "PUT"; names["get"] = "GET linearizable"; names["get-local"] = "GET local"
      split("put get get-local", whats, " ")
      for (w = 1; w <= 3; w++) for (c = 1; c <= counts; c++) {
        ours = "bellwether " whats[w] " " order[c]; theirs = "etcd " whats[w] " " order[c]
        ratio = (ours in n && theirs in n) ? sprintf("%.2f", median(rate[ours], n[ours]) / median(rate[theirs], n[theirs])) : "–"
        printf "| %s | %s | %s | %s | %s | %s | %s | %d / %d |\n", names[whats[w]], order[c], cell(ours, rate),
          cell(theirs, rate), ratio, latency(ours), latency(theirs), bad[ours], bad[theirs]
      }
    }'
}

report
if [ -n "$out" ]; then
  { report && echo; } >>"$out"
fi
