#!/usr/bin/env bash
# Measures with an optimised build on a PostgreSQL of its own that waits for the disk as a real one does: bench.sh [inbox|applicants|outbound|changeover] [quick]
set -euo pipefail
cd "$(dirname "$0")/.."
export SQLX_OFFLINE="${SQLX_OFFLINE:-true}" DURABLE=1
BENCH_DAY=$(date +%Y-%m-%d)
export BENCH_DAY
exec scripts/with-postgres.sh cargo bench --bench portal -- "$@"
