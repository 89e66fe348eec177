# Sourced by the benchmarks that are Java programs: builds, and runs one of them with the nodes' usual flags.
#
#   bench_java CLASS [ARGUMENT …]
#   bench_jmh [OPTION …]
#   bench_build && bench_exec CLASS [ARGUMENT …]     for more than one
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
. "$root/build/jvm.sh"

bench_java() {
  local class="$1"
  shift
  bench_main "org.bellwether.bench.$class" "$@"
}

bench_jmh() {
  bench_main org.openjdk.jmh.Main -jvmArgs "--enable-native-access=ALL-UNNAMED ${BENCH_HEAP:--Xmx1g} -XX:+UseCompactObjectHeaders --sun-misc-unsafe-memory-access=allow" "$@"
}

bench_main() {
  bench_build
  bench_exec "$@"
}

# In place of this shell; after bench_build.
bench_exec() {
  exec "$jdk/bin/java" --enable-native-access=ALL-UNNAMED ${BENCH_HEAP:--Xmx512m} -cp "$bench_path" "$@"
}

# Builds the program and the benchmarks; sets `jdk` and `bench_path`, the benchmarks' class path.
bench_build() {
  jdk="$(find_jdk)"
  [ -n "$jdk" ] || {
    echo "JDK 25 was not found; install it or set JAVA_HOME to one" >&2
    exit 2
  }
  (cd "$root" && mvn -q -B -DskipTests -pl cli,bench -am package) >&2
  # The same flags for the nodes as `./bell serve` uses.
  train_aot "$jdk" "$root/cli/target/bell.jar"
  export BELLWETHER_NODE_FLAGS="${BELLWETHER_NODE_FLAGS:-$node_flags $(aot_flags "$root/cli/target/bell.jar")}"
  bench_path="$(ls "$root"/bench/target/bellwether-bench-*.jar | head -n 1):$root/cli/target/bell.jar:$root/bench/target/jmh/*"
}
