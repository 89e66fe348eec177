#!/usr/bin/env bash
# What a node with much data costs, and a newcomer that has to get it: see DataBench.
#
#   bench/data.sh [--keys 1000000] [--value-bytes 128] [--storage rocksdb|memory]
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
. "$root/build/jdk.sh"
jdk="$(find_jdk)"
[ -n "$jdk" ] || {
  echo "JDK 25 was not found; install it or set JAVA_HOME to one" >&2
  exit 2
}
(cd "$root" && mvn -q -B -DskipTests -pl cli,bench -am package) >&2
# The same flags for the nodes as `./bell serve` uses.
export BELLWETHER_NODE_FLAGS="${BELLWETHER_NODE_FLAGS:--XX:+UseCompactObjectHeaders --sun-misc-unsafe-memory-access=allow -XX:+UseG1GC}"
bench="$(ls "$root"/bench/target/bellwether-bench-*.jar | head -n 1)"
exec "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -Xmx512m -cp "$bench:$root/cli/target/bell.jar" \
  org.bellwether.bench.DataBench --jar "$root/cli/target/bell.jar" "$@"
