#!/usr/bin/env bash
# What tables in memory and tables on RocksDB cost the node's loop, and how long they take to open: see StorageBench.
#
#   bench/storage.sh [--keys 1000000] [--rounds 3] [--cache-mib 64] [--dir DIR]
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
. "$root/build/jdk.sh"
jdk="$(find_jdk)"
[ -n "$jdk" ] || {
  echo "JDK 25 was not found; install it or set JAVA_HOME to one" >&2
  exit 2
}
cd "$root"
mvn -q -B -DskipTests -pl bench -am package >&2
# The packaged program has no RocksDB yet, so the classpath is the modules' and the library's own.
rocksdb="$(ls "${MAVEN_REPOSITORY:-$HOME/.m2/repository}"/org/rocksdb/rocksdbjni/*/rocksdbjni-*-linux64.jar | tail -n 1)"
exec "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders -Xmx2g \
  -cp "api/target/classes:core/target/classes:storage-rocksdb/target/classes:bench/target/classes:$rocksdb" \
  org.bellwether.bench.StorageBench "$@"
