#!/usr/bin/env bash
# How long from starting one node, through ./bell as a user would, to its first answer: a linearizable read.
# First with an empty folder, then again and again with the one it left.
#
#   bench/start.sh [--rounds 10] [--dir DIR] [--out FILE.md]
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
rounds=10
dir="$root/data/bench"
out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds="$2" ;;
    --dir) dir="$2" ;;
    --out) out="$2" ;;
    *)
      echo "unknown option $1; see the head of $0" >&2
      exit 2
      ;;
  esac
  shift 2
done

http=127.0.0.1:18401
peer=127.0.0.1:18501
data="$dir/start-$$"
mkdir -p "$data"
pid=""
stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=""
  fi
}
trap 'stop; rm -rf "$data"' EXIT
trap 'exit 130' INT TERM
"$root/bell" version >/dev/null # builds if needed

# $1: the folder; the rest: more options. Prints milliseconds.
once() {
  local folder="$1" begun ended i
  shift
  begun="$(date +%s%N)"
  "$root/bell" serve "$@" --dir "$folder" --http "$http" --peer "$peer" >"$data/log" 2>&1 &
  pid=$!
  for ((i = 0; i < 2000; i++)); do
    case "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "http://$http/v1/kv/nothing" || true)" in
      200 | 404) break ;;
    esac
    sleep 0.005
  done
  ended="$(date +%s%N)"
  [ "$i" -lt 2000 ] || {
    cat "$data/log" >&2
    exit 1
  }
  took=$(((ended - begun) / 1000000))
  stop
}

empty=()
again=()
for ((round = 1; round <= rounds; round++)); do
  once "$data/n$round" --new
  empty+=("$took")
  once "$data/n$round"
  again+=("$took")
  echo "round $round of $rounds: empty folder ${empty[-1]} ms, again ${again[-1]} ms" >&2
  rm -rf "$data/n$round"
done

row() {
  local name="$1"
  shift
  printf '%s\n' "$@" | sort -n | awk -v name="$name" '
    { v[NR] = $1 }
    END {
      median = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
      printf "| %s | %d | %d | %.0f | %d |\n", name, NR, v[1], median, v[NR]
    }'
}

report() {
  echo "## Start of one node to its first answer, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, \`./bell serve\` to the answer of a linearizable read over HTTP. Milliseconds."
  echo
  echo "| folder | rounds | min | median | max |"
  echo "|---|---|---|---|---|"
  row "empty (\`--new\`)" "${empty[@]}"
  row "left by the run before" "${again[@]}"
}

report
if [ -n "$out" ]; then
  { report && echo; } >>"$out"
fi
