#!/usr/bin/env bash
# What tables in memory and tables on RocksDB cost the node's loop, and how long they take to open: see StorageBench.
#
#   bench/storage.sh [--keys 1000000] [--rounds 3] [--cache-mib 64] [--row-mib 48] [--dir DIR]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BENCH_HEAP=-Xmx2g bench_java StorageBench "$@"
