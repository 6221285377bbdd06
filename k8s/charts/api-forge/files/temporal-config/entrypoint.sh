#!/bin/sh
# Gives the server its database password from the secret file, then goes on with the image's own entrypoint.
set -eu

file="${SECRETS_DIR:-/run/secrets}/postgres_temporal_pw"
if [ ! -s "$file" ]; then
  echo "temporal: $file is missing or empty" >&2
  exit 1
fi
# The image writes it into YAML, between double quotes.
POSTGRES_PWD=$(tr -d '\r\n' <"$file" | sed 's/["\\]/\\&/g')
export POSTGRES_PWD

exec /etc/temporal/entrypoint.sh "$@"
