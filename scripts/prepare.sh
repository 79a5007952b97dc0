#!/usr/bin/env bash
# Asks a real PostgreSQL about every checked query. Run under with-postgres.sh.
#   prepare.sh write   puts the answers into .sqlx, so that the portal builds with no database
#   prepare.sh check   runs clippy the same way, and fails when .sqlx lacks an answer or holds one that nothing asks for
set -euo pipefail
cd "$(dirname "$0")/.."

psql() { command psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -d "$DATABASE_URL" "$@"; }
psql -c 'create database prepare'
DATABASE_URL="${DATABASE_URL%/postgres\?*}/prepare?${DATABASE_URL#*\?}"
export DATABASE_URL
for migration in migrations/*.sql; do PGOPTIONS="-c client_min_messages=warning" psql -1 -f "$migration" >/dev/null; done

answers=$PWD/target/sqlx
rm -rf "$answers" && mkdir -p "$answers"
# sqlx's macros write what they were told when SQLX_OFFLINE_DIR is set; only code that is compiled again asks.
find src tests benches -name '*.rs' 2>/dev/null | xargs -r touch
export SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$answers

# Which columns can be null is partly read off the query plan, which differs from one PostgreSQL to the next.
without_nulls() {
  mkdir -p "$2" && rm -f "$2"/*.json
  for file in "$1"/query-*.json; do
    [ -e "$file" ] || continue
    sed -e '/"nullable": \[\]/d' -e '/"nullable": \[$/,/\]/d' "$file" >"$2/${file##*/}"
  done
}

case "${1:-}" in
  write)
    cargo check --quiet --all-targets
    mkdir -p .sqlx && rm -f .sqlx/query-*.json
    cp "$answers"/query-*.json .sqlx/
    echo "$(find .sqlx -name 'query-*.json' | wc -l) checked queries in .sqlx"
    ;;
  check)
    cargo clippy --quiet --all-targets -- -D warnings
    without_nulls .sqlx target/sqlx-kept
    without_nulls "$answers" target/sqlx-asked
    diff -rq target/sqlx-kept target/sqlx-asked >&2 || {
      echo ".sqlx is not what the code asks now: run 'make prepare' and commit .sqlx" >&2
      exit 1
    }
    ;;
  *) echo "usage: prepare.sh write|check" >&2; exit 2 ;;
esac
