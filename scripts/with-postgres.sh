#!/usr/bin/env bash
# Runs a command with DATABASE_URL set to a PostgreSQL cluster of its own, which is gone when the command ends.
# Nothing in it has to last, so it does not wait for the disk, unless DURABLE is set: what is measured waits as a real one does.
set -euo pipefail

bin="${CHANGEOVER_PG_BIN:-}"
[ -n "$bin" ] || bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -t/ -k5 -n | tail -1)")
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb)")
folder=$(mktemp -d "${TMPDIR:-/tmp}/changeover-test.XXXXXX")

# PostgreSQL refuses root, so root lends it another user.
as_server=()
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id -u postgres >/dev/null 2>&1; then user=postgres; fi
  chown "$user" "$folder"
  as_server=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
fi
server() { (cd / && LC_ALL=C.UTF-8 "${as_server[@]}" "$@"); }

stop() {
  server "$bin/pg_ctl" stop -D "$folder/data" -m immediate -s >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

durability="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
[ -z "${DURABLE:-}" ] || durability=""
server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
server "$bin/pg_ctl" start -D "$folder/data" -s -w -l "$folder/log" -o "-k $folder -h '' -p 5432 \
  -c max_connections=400 -c shared_buffers=1GB -c max_wal_size=4GB -c jit=off \
  $durability" || { cat "$folder/log" >&2; exit 1; }

export DATABASE_URL="postgres://postgres@localhost:5432/postgres?host=$folder"
status=0
"$@" || status=$?
exit "$status"
