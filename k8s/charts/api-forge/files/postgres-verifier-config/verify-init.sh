#!/bin/sh
# Does the database look as 01-init-app.sh leaves it? Reads only, so it may run at any time. Where the server is and how it is
# verified comes from libpq's own variables (PGHOST, PGPORT, PGSSLMODE, PGSSLROOTCERT).
set -eu

SECRETS_DIR="${SECRETS_DIR:-/run/secrets}"
export PGHOST="${PGHOST:-postgres}" PGCONNECT_TIMEOUT=5
failed=0

# ask ROLE PASSWORD_FILE DATABASE SQL: the first value of the answer. The password goes through the environment.
ask() {
  PGPASSWORD="$(cat "$SECRETS_DIR/$2")" psql --no-psqlrc --no-password -v ON_ERROR_STOP=1 -Atq -U "$1" -d "$3" -c "$4"
}

check() { # WHAT EXPECTED ACTUAL
  if [ "$3" = "$2" ]; then
    echo "ok      $1"
  else
    echo "FAILED  $1: expected '$2', found '$3'" >&2
    failed=1
  fi
}

# login ROLE PASSWORD_FILE DATABASE
login() {
  if ! message=$(ask "$1" "$2" "$3" 'SELECT 1' 2>&1); then
    echo "FAILED  $1 cannot log in to $3 with the secret $2: $message" >&2
    failed=1
    return 0
  fi
  check "$1 logs in to $3" 1 "$message"
}

# right TITLE EXPECTED EXPRESSION, asked as the owner of the application's database
right() {
  check "$1" "$2" "$(ask appowner postgres_app_owner_pw appdb "SELECT $3" 2>&1 || true)"
}

# PostgreSQL may be restarting while this begins (an upgrade), so the first connection gets a minute.
attempt=0
until pg_isready -q -t 3 -U appuser -d appdb; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge 60 ]; then
    echo "FAILED  PostgreSQL at $PGHOST does not answer" >&2
    exit 1
  fi
  sleep 1
done

login appowner postgres_app_owner_pw appdb
login appuser postgres_app_user_pw appdb
login appro postgres_app_ro_pw appdb
login temporaluser postgres_temporal_pw temporal
login temporaluser postgres_temporal_pw temporal_visibility
if [ "$failed" -ne 0 ]; then
  echo "A role without login means that the data folder was initialised without 01-init-app.sh, or that a password was changed" >&2
  echo "in the secret and not in the database." >&2
  exit 1
fi

right 'appuser may not make tables' f "has_schema_privilege('appuser', 'public', 'CREATE')"
right 'appuser may not connect to temporal' f "has_database_privilege('appuser', 'temporal', 'CONNECT')"
right 'no application role is a superuser' 0 \
  "count(*) FROM pg_roles WHERE rolsuper AND rolname IN ('appowner', 'appuser', 'appro', 'temporaluser')"
if [ "${PGSSLMODE:-}" != disable ]; then
  right 'the connection is encrypted' t "ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
fi

if [ "$failed" -ne 0 ]; then
  exit 1
fi
echo "PostgreSQL is as it should be"
