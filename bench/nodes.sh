# Sourced by the benchmarks that start servers from the shell: starts them, waits for them, ends them.
#
# Whoever sources it has set `root`; here `work` (logs and samples, deleted at the end) and `data` (the servers' data on
# the disk that is measured, deleted as well) are made.
pids=()
work=""
data=""

need() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null || {
    echo "$1 is needed and not installed (Debian: apt install $2)" >&2
    exit 2
  }
}

make_folders() { # DIR NAME
  work="$(mktemp -d "${TMPDIR:-/tmp}/bell-$2.XXXXXX")"
  data="$1/$2-$$"
  mkdir -p "$data"
  trap 'stop_all; rm -rf "$work" "$data"' EXIT
  trap 'exit 130' INT TERM
}

stop_all() {
  local pid
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
  pids=()
}

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

# Built before anything is waited for.
build_bell() {
  "$root/bell" version >"$work/build.log" 2>&1 || {
    cat "$work/build.log" >&2
    exit 1
  }
}

bell_http=17401
bell_peer=17501
bell_resp=16401

# Three fresh nodes; sets `leader` to the number of the one that leads. Whoever wants several clusters at once changes
# the ports above, and $bell_name, before each.
bell_name=bellwether
start_bell() { # [OPTION OF bell dev …]
  "$root/bell" dev --fresh --dir "$data/$bell_name" --http-port $((bell_http + 1)) \
    --resp-port $((bell_resp + 1)) --peer-port $((bell_peer + 1)) "$@" >"$work/$bell_name.log" 2>&1 &
  pids+=($!)
  leader="$(await bell_leader)"
}

bell_leader() {
  sed -n 's/^ready: n\([1-3]\) leads.*/\1/p' "$work/$bell_name.log"
}

# Of whole processes, in hundredths of a second, the kernel's share included.
spent() { # PID…
  local pid
  for pid in "$@"; do cat "/proc/$pid/stat"; done |
    awk '{ sub(/.*\) /, ""); all += $12 + $13 } END { print all }'
}

# Reads by lease are for a cluster that says so.
allow_reads() { # linearizable|lease|local
  if [ "$1" = lease ]; then
    "$root/bell" lease on --node "127.0.0.1:$((bell_http + leader))" >/dev/null
  fi
}

find_redis() { # PROGRAM PACKAGE
  local place
  command -v "$1" && return
  for place in "${REDIS_HOME:-}" "${REDIS_HOME:-}/bin" "${REDIS_HOME:-}/src"; do
    [ -n "${REDIS_HOME:-}" ] && [ -x "$place/$1" ] && echo "$place/$1" && return
  done
  echo "$1 is needed, and is neither on the PATH nor in \$REDIS_HOME (Debian: apt install $2)" >&2
  exit 2
}

# One run of redis-benchmark with values of 128 bytes: prints "throughput p50 p99", latencies in milliseconds.
# $benchmark is the program; keys are drawn at random from $keys.
redis_load() { # PORT set|get c50|c200|P16 REQUESTS
  local options
  case "$3" in
    c50) options="-c 50" ;;
    c200) options="-c 200" ;;
    P16) options="-c 50 -P 16" ;;
    *)
      echo "unknown load $3: c50, c200 or P16" >&2
      return 2
      ;;
  esac
  # shellcheck disable=SC2086
  "$benchmark" -h 127.0.0.1 -p "$1" -t "$2" -n "$4" -d 128 -r "$keys" $options --csv >"$work/run.out" 2>&1 || {
    cat "$work/run.out" >&2
    return 1
  }
  awk -F'","' -v what="$2" 'toupper(substr($1, 2)) == toupper(what) { print $2, $5, $7; found = 1 }
    END { exit !found }' "$work/run.out" || {
    echo "redis-benchmark measured nothing:" >&2
    cat "$work/run.out" >&2
    return 1
  }
}
