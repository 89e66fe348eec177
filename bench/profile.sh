#!/usr/bin/env bash
# Where a node's processor time goes, and what it allocates: three nodes of Bellwether, load from redis-benchmark on the
# leader, a profiler on one node, and tables per load (by thread, by place, by our room, the top frames).
#
#   bench/profile.sh [--loads "set-c50 set-P16 get-c50"] [--seconds 10] [--warmup 200000] [--of leader|replica] [--with async|jfr]
#                    [--storage rocksdb|memory] [--reads linearizable|lease|local] [--top 25] [--keys 100000] [--dir DIR] [--out FILE.md]
#
# async-profiler comes from Maven Central and sees the kernel and native code as well; jfr needs nothing but the JDK. The
# recordings stay in DIR/profile for `jfr view` and JDK Mission Control.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
. "$root/build/jvm.sh"
. "$root/bench/nodes.sh"

loads="set-c50 set-P16 get-c50"
seconds=10
warmup=200000
of=leader
with=async
storage=rocksdb
reads=linearizable
top=25
keys=100000
dir="$root/data/bench"
out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --loads) loads="$2" ;;
    --seconds) seconds="$2" ;;
    --warmup) warmup="$2" ;;
    --of) of="$2" ;;
    --with) with="$2" ;;
    --storage) storage="$2" ;;
    --reads) reads="$2" ;;
    --top) top="$2" ;;
    --keys) keys="$2" ;;
    --dir) dir="$2" ;;
    --out) out="$2" ;;
    *)
      echo "unknown option $1; see the head of $0" >&2
      exit 2
      ;;
  esac
  shift 2
done

benchmark="$(find_redis redis-benchmark redis-tools)"
jdk="$(find_jdk)"
[ -n "$jdk" ] || {
  echo "JDK 25 was not found; install it or set JAVA_HOME to one" >&2
  exit 2
}
make_folders "$dir" profile
recordings="$dir/profile"
mkdir -p "$recordings"
report="$work/report.md"

fetch_async_profiler() {
  local version system
  version="$(sed -n 's|.*<async.profiler.version>\(.*\)</.*|\1|p' "$root/pom.xml")"
  library="$root/bench/target/async-profiler-$version/libasyncProfiler.so"
  [ -f "$library" ] && return
  system="$(uname -s -m)"
  case "$system" in
    "Linux x86_64") system=linux-x64 ;;
    "Linux aarch64") system=linux-arm64 ;;
    *)
      echo "async-profiler is not fetched for $system; use --with jfr" >&2
      exit 2
      ;;
  esac
  (cd "$root" && mvn -q -B -N dependency:copy -Dartifact="tools.profiler:async-profiler:$version" \
    -DoutputDirectory="$work/jar") >&2
  mkdir -p "$(dirname "$library")"
  (cd "$work" && "$jdk/bin/jar" xf jar/*.jar "$system" && cp "$system/libasyncProfiler.so" "$library")
}

# jcmd takes an equals sign for its own unless it stands in quotes.
async_profiler() {
  "$jdk/bin/jcmd" "$pid" JVMTI.agent_load "$library" "\"$1\"" >"$work/profiler.log" 2>&1
  grep -q 'return code: 0' "$work/profiler.log" || {
    cat "$work/profiler.log" >&2
    tail -n 3 "$data/$bell_name/n$node/node.log" >&2
    exit 1
  }
}

begin() { # RECORDING
  rm -f "$1"
  if [ "$with" = async ]; then
    async_profiler "start,event=cpu,interval=1ms,alloc=512k,threads,jfr,file=$1"
  else
    "$jdk/bin/jcmd" "$pid" JFR.start name=bench "filename=$1" "jdk.CPUTimeSample#enabled=true" \
      "jdk.CPUTimeSample#throttle=2ms" "jdk.ObjectAllocationSample#enabled=true" >"$work/profiler.log"
  fi
}

end() { # RECORDING
  if [ "$with" = async ]; then
    async_profiler "stop,file=$1"
  else
    "$jdk/bin/jcmd" "$pid" JFR.stop name=bench >"$work/profiler.log"
  fi
}

profile() { # LOAD
  local what="${1%-*}" load="${1#*-}" rate count before after port=$((bell_resp + leader)) recording="$recordings/$1.jfr"
  # Warm, and as many requests as the time wants.
  redis_load "$port" "$what" "$load" "$warmup" >/dev/null
  read -r rate _ <<<"$(redis_load "$port" "$what" "$load" $((warmup / 2)))"
  count="$(awk -v rate="$rate" -v seconds="$seconds" 'BEGIN { printf "%d", rate * seconds }')"
  begin "$recording"
  before="$(spent "$pid")"
  read -r rate _ <<<"$(redis_load "$port" "$what" "$load" "$count")"
  after="$(spent "$pid")"
  end "$recording"
  echo "profiled $what $load: $rate/s; $recording" >&2
  # One file and the JDK: it needs no build.
  "$jdk/bin/java" "$root/bench/src/main/java/org/bellwether/bench/ProfileReport.java" "$recording" \
    "$(printf '%s' "$what" | tr '[:lower:]' '[:upper:]') $load" "$count" "$rate" "$((after - before))" "$top"
}

build_bell
if [ "$with" = async ]; then fetch_async_profiler; fi
# Else a frame is only known where the JVM could stop.
export BELLWETHER_NODE_FLAGS="${BELLWETHER_NODE_FLAGS:-$node_flags $(aot_flags "$root/cli/target/bell.jar")}
  -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints"
start_bell --storage "$storage" --resp-reads "$reads"
allow_reads "$reads"
node="$leader"
if [ "$of" = replica ]; then node=$((leader % 3 + 1)); fi
pid="$(cat "$data/$bell_name/n$node/node.pid")"
# Nearly every key is there.
redis_load $((bell_resp + leader)) set P16 $((5 * keys)) >/dev/null
{
  echo "## Where the $of's processor time goes, $(date -u +%Y-%m-%d)"
  echo
  echo "$(nproc) cores, $(uname -sr), three nodes, tables: $storage, reads: $reads, 128-byte values, load on the leader for about $seconds s, by $with."
  for load in $loads; do
    echo
    profile "$load"
  done
} >"$report"
cat "$report"
if [ -n "$out" ]; then
  { cat "$report" && echo; } >>"$out"
fi
