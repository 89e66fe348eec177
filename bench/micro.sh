#!/usr/bin/env bash
# What single parts cost, by JMH: parser and encoder of RESP, commands into bytes and into tables, log, core. All of
# them take about three minutes.
#
#   bench/micro.sh [REGEX] [JMH OPTIONS]        for example: bench/micro.sh Raft -f 3
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ $# -le 1 ]; then set -- "${1:-Benchmark}" -wi 3 -w 1 -i 5 -r 1 -f 1; fi
bench_jmh "$@"
