#!/bin/sh
# Starts a program with its secrets. Every file in /run/secrets becomes a variable: redis_password → REDIS_PASSWORD.
#
# In Kubernetes the container runs as its own user, who may read the files. In Docker Compose it starts as root, because the files
# belong to whoever ran compose: then they are copied for RUN_AS, and root's rights are given up before the program starts.
#   RUN_AS=user          who runs the program, if started as root
#   EXPORT_SECRETS=false the program reads the files itself
set -eu

SECRETS_DIR="${SECRETS_DIR:-/run/secrets}"

if [ "$(id -u)" = 0 ] && [ -n "${RUN_AS:-}" ]; then
  copy=/tmp/secrets
  mkdir -p "$copy"
  if [ -d "$SECRETS_DIR" ]; then
    cp -RL "$SECRETS_DIR/." "$copy/"
  fi
  chown -R "$RUN_AS" "$copy"
  # Read and enter for the owner only: PostgreSQL refuses a key that others can read.
  chmod -R u=rwX,go= "$copy"
  SECRETS_DIR="$copy"
fi
export SECRETS_DIR

if [ "${EXPORT_SECRETS:-true}" = true ]; then
  for file in "$SECRETS_DIR"/*; do
    [ -f "$file" ] || continue
    name=$(basename "$file")
    case $name in *[!A-Za-z0-9_.-]* | [0-9]*) continue ;; esac
    if [ ! -s "$file" ]; then
      echo "universal-entrypoint: the secret $name is empty" >&2
      exit 1
    fi
    # A value has one line; certificates and the like stay files.
    [ "$(grep -c '' "$file")" -eq 1 ] || continue
    value=$(tr -d '\r' <"$file")
    export "$(printf '%s' "$name" | tr 'a-z.-' 'A-Z__')=$value"
  done
  unset file name value
fi

if [ "$(id -u)" = 0 ] && [ -n "${RUN_AS:-}" ]; then
  for tool in gosu su-exec; do
    if command -v "$tool" >/dev/null 2>&1; then
      exec "$tool" "$RUN_AS" "$@"
    fi
  done
  if command -v setpriv >/dev/null 2>&1; then
    exec setpriv --reuid "$RUN_AS" --regid "$(id -g "$RUN_AS")" --init-groups "$@"
  fi
  echo "universal-entrypoint: neither gosu, su-exec nor setpriv is here to become $RUN_AS" >&2
  exit 1
fi

exec "$@"
