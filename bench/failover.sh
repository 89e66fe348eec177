#!/usr/bin/env bash
# How long nobody can write when the leader is killed, or stopped: see FailoverBench.
#
#   bench/failover.sh [--rounds 20] [--clients 50] [--only kill|stop] [--dir DIR] [--out FILE.md]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bench_java FailoverBench --jar "$root/cli/target/bell.jar" "$@"
