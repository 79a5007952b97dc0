#!/usr/bin/env bash
# Installs what is missing from Debian's packages: `setup.sh run` for PostgreSQL, `setup.sh test` for the browser too.
set -euo pipefail

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else
    echo "Changeover needs: $wanted" >&2
    echo "Run this as root, then try again:  apt-get update && apt-get install -y $wanted" >&2
    exit 1
  fi
}

has_postgresql() {
  [ -n "${CHANGEOVER_PG_BIN:-}" ] && return
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

wanted=""
# A C compiler and linker: Rust brings none.
command -v cc >/dev/null || wanted="$wanted gcc libc6-dev"
if [ "${1:-run}" = test ] || [ -z "${DATABASE_URL:-}" ]; then
  has_postgresql || wanted="$wanted postgresql"
fi
if [ "${1:-run}" = test ]; then
  command -v psql >/dev/null || wanted="$wanted postgresql-client"
  { command -v chromium && command -v chromedriver; } >/dev/null || wanted="$wanted chromium chromium-driver fonts-liberation"
fi
wanted="${wanted# }"
[ -n "$wanted" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Changeover needs these packages, and this machine has no apt-get to install them: $wanted" >&2
  exit 1
fi
echo "Installing from Debian's packages: $wanted" >&2
case " $wanted " in *" postgresql "*)
  # Else Debian makes and starts a cluster of its own, which nobody asked for.
  as_root mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
esac
as_root apt-get update -qq
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
