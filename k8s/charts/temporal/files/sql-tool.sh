# The connection, as temporal-sql-tool reads it.
plain() { printf '%s' "$1" | tr -d '\r\n'; }
export SQL_PLUGIN=postgres12
export SQL_HOST="$(plain "$DATABASE_HOST")"
export SQL_PORT="$(plain "${DATABASE_PORT:-$DATABASE_PORT_DEFAULT}")"
export SQL_USER="$(plain "${DATABASE_USER:-$DATABASE_USER_DEFAULT}")"
export SQL_PASSWORD="$(plain "$DATABASE_PASSWORD")"
if [ "${SQL_TLS_ENABLED:-false}" = true ]; then
  export SQL_TLS=true SQL_TLS_CA_FILE="$SQL_CA" SQL_TLS_CERT_FILE="$SQL_CERT" SQL_TLS_KEY_FILE="$SQL_CERT_KEY" SQL_TLS_SERVER_NAME="$SQL_HOST"
  [ "$SQL_HOST_VERIFICATION" = true ] || export SQL_TLS_DISABLE_HOST_VERIFICATION=true
fi
