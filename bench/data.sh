#!/usr/bin/env bash
# What a node with much data costs, and a newcomer that has to get it: see DataBench.
#
#   bench/data.sh [--keys 1000000] [--value-bytes 128] [--storage rocksdb|memory]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bench_java DataBench --jar "$root/cli/target/bell.jar" "$@"
