#!/bin/sh
# Brings Temporal's two schemas to the version of this image. Each step does nothing where it is already done, so the script may
# run again at any time, also with an older image than the last one (a rollback). Connection: SQL_* variables.
set -eu

SQL_PASSWORD=$(tr -d '\r\n' <"${SECRETS_DIR:-/run/secrets}/postgres_temporal_pw")
export SQL_PASSWORD

# PostgreSQL may be restarting while this begins (an upgrade): the first step, which only makes the version tables, gets a minute.
attempt=0
until temporal-sql-tool --db temporal setup-schema -v 0.0; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge 30 ]; then
    echo "schema-setup: cannot prepare the database temporal at ${SQL_HOST:-?} as ${SQL_USER:-?}" >&2
    exit 1
  fi
  sleep 2
done

temporal-sql-tool --db temporal_visibility setup-schema -v 0.0
temporal-sql-tool --db temporal update-schema --schema-name postgresql/v12/temporal
temporal-sql-tool --db temporal_visibility update-schema --schema-name postgresql/v12/visibility

echo "schema-setup: both schemas are current"
