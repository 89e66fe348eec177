# Sourced by ./bell and the benchmarks: where a JDK 25 is, and how a node runs on it.

is_jdk_25() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] && grep -q '^JAVA_VERSION="25[".+-]' "$1/release"
}

find_jdk() {
  local candidate home="${HOME:-/nonexistent}" # services may have none
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/*25* /opt/java/* /usr/local/*25* \
    "$home"/.sdkman/candidates/java/25* "$home"/.jdks/*25* "$home"/.local/share/mise/installs/java/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  if [ -x /usr/libexec/java_home ] && candidate="$(/usr/libexec/java_home -v 25 2>/dev/null)" &&
    is_jdk_25 "$candidate"; then
    echo "$candidate"
    return
  fi
  if candidate="$(command -v java)"; then
    candidate="$(dirname "$(dirname "$(readlink -f "$candidate")")")"
    if is_jdk_25 "$candidate"; then
      echo "$candidate"
    fi
  fi
}

# Whatever else somebody sets for nodes: one that has run out of heap must not go on with the threads that are left.
always_flags="-XX:+ExitOnOutOfMemoryError"

# A node's flags. G1, since a long pause looks like a dead leader to the others. The heap begins small and is
# given back: what the tables need lies outside of it. The collector may take a fifth of the time before it asks for more
# heap, not a twelfth: it goes by the clock, and where others want the processors too its work looks longer than it is.
# Netty may use Unsafe for its buffers, and does not note for every 128th where it was made, in case it gets lost.
common_flags="-XX:+UseCompactObjectHeaders $always_flags"
node_flags="$common_flags --sun-misc-unsafe-memory-access=allow -Dio.netty.leakDetection.level=disabled -XX:+UseG1GC -Xms64m
  -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=60 -XX:G1PeriodicGCInterval=30000 -XX:GCTimeRatio=4"
# Rows lie all over the heap, and with small pages the processor has to look up where each of them is. Where the system
# allows no large ones, all runs as well without a word.
case "$OSTYPE" in linux*) node_flags="$node_flags -XX:+UseTransparentHugePages -Xlog:pagesize=off" ;; esac

# RocksDB's threads come and go; with an arena for each, glibc keeps 50 MB that nobody uses.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"

# The JVM does not notice that a cache was made from another jar, and runs the old classes: so its name says from
# which one it was made.
aot_cache() { # JAR
  local made
  made="$(stat -c '%s-%Y' "$1" 2>/dev/null || stat -f '%z-%m' "$1")"
  echo "${1%.jar}-$made.aot"
}

aot_flags() { # JAR
  local cache
  cache="$(aot_cache "$1")"
  if [ -f "$cache" ]; then echo "-XX:AOTCache=$cache -Xlog:aot=off -Xlog:cds=off"; fi
}

# Lets a small cluster run for some seconds under clients of every kind, and keeps what the JVM has seen: nodes start in two
# thirds of the time, and compile what is hot at once. Without a cache all runs as well, only slower at first.
train_aot() { # JDK JAR
  local cache folder
  cache="$(aot_cache "$2")"
  if [ -f "$cache" ]; then return; fi
  rm -f "${2%.jar}"-*.aot
  folder="$(mktemp -d)"
  # shellcheck disable=SC2086 # flags are words
  "$1/bin/java" $node_flags -XX:AOTCacheOutput="$folder/aot" -jar "$2" rehearse --dir "$folder/data" >"$folder/said" 2>&1 || true
  # In one step: another bell may look for it right now.
  if [ -s "$folder/aot" ]; then mv "$folder/aot" "$cache"; fi
  rm -rf "$folder"
}
