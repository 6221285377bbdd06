# Gives the image's own entrypoint its database as it wants it: these values become a part of YAML, between double quotes.
quoted() { printf '%s' "$1" | tr -d '\r\n' | sed 's/["\\]/\\&/g'; }
export POSTGRES_SEEDS="$(quoted "$DATABASE_HOST")"
export DB_PORT="$(quoted "${DATABASE_PORT:-$DATABASE_PORT_DEFAULT}")"
export POSTGRES_USER="$(quoted "${DATABASE_USER:-$DATABASE_USER_DEFAULT}")"
export POSTGRES_PWD="$(quoted "$DATABASE_PASSWORD")"
export ES_USER="$(quoted "${ES_USER:-}")" ES_PWD="$(quoted "${ES_PWD:-}")"
if [ "${SQL_TLS_ENABLED:-false}" = true ]; then export SQL_HOST_NAME="$POSTGRES_SEEDS"; fi
exec /etc/temporal/entrypoint.sh
