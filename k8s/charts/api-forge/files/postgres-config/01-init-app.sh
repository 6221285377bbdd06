#!/bin/sh
# Roles, databases and rights. The postgres image runs this once, on an empty data folder; running it again by hand is harmless:
#   docker-entrypoint-initdb.d/01-init-app.sh
# All of it is made in every installation, so that Temporal can be switched on later without touching the database.
set -eu

export SECRETS_DIR="${SECRETS_DIR:-/run/secrets}"
# "already exists" is no news when this runs again.
export PGOPTIONS="-c client_min_messages=warning"
for name in postgres_app_owner_pw postgres_app_user_pw postgres_app_ro_pw postgres_temporal_pw; do
  if [ ! -s "$SECRETS_DIR/$name" ]; then
    echo "01-init-app: $SECRETS_DIR/$name is missing or empty" >&2
    exit 1
  fi
done

# psql reads the passwords itself (\set with a command): neither in its arguments nor, thanks to log_statement, in the log.
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\set owner_pw `cat "$SECRETS_DIR/postgres_app_owner_pw"`
\set user_pw `cat "$SECRETS_DIR/postgres_app_user_pw"`
\set ro_pw `cat "$SECRETS_DIR/postgres_app_ro_pw"`
\set temporal_pw `cat "$SECRETS_DIR/postgres_temporal_pw"`

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['appowner', 'appuser', 'appro', 'temporaluser']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE appowner PASSWORD :'owner_pw';
ALTER ROLE appuser PASSWORD :'user_pw';
ALTER ROLE appro PASSWORD :'ro_pw';
ALTER ROLE temporaluser PASSWORD :'temporal_pw';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
  FROM (VALUES ('appdb', 'appowner'), ('temporal', 'temporaluser'), ('temporal_visibility', 'temporaluser')) AS wanted (name, owner)
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE ALL ON DATABASE appdb, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE appdb TO appuser, appro;

\connect appdb
ALTER SCHEMA public OWNER TO appowner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO appuser, appro;

-- What appowner makes from now on, appuser may change and appro may read.
SET ROLE appowner;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO appuser;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO appuser;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO appro;
RESET ROLE;

-- Temporal's visibility store needs this extension; it is trusted, yet the owner of the database need not make it.
\connect temporal_visibility
CREATE EXTENSION IF NOT EXISTS btree_gin;
SQL

echo "01-init-app: roles, databases and rights are in place"
