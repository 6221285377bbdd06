# Brings what Temporal stores in to the version of this image. Each step does nothing where it is already done, so this may run
# again at any time, also with an older image than the last one (a rollback).
trap 'exit 143' TERM
limit=$(( $(date +%s) + DATABASE_WAIT_SECONDS ))
said=${TMPDIR:-/tmp}/said
# Temporal writes it into the address of the database in a way in which a blank becomes a plus.
case $SQL_PASSWORD in *" "*) echo "schema: the password has a blank in it, with which Temporal cannot log in: choose another" >&2; exit 1 ;; esac

# What temporal-sql-tool says is wrong, without the rest of its log.
reason() { sed -n 's/.*{"error": "\(.*\)", "logging-call-at.*/\1/p' "$said" | head -n 1 | sed 's/\\"/"/g'; }
failed() {
  cat "$said" >&2
  echo "schema: $*" >&2
  exit 1
}

# Makes the version tables; where that fails because there is no such database, makes the database first.
prepare() {
  echo "schema: database $1 at $SQL_HOST:$SQL_PORT as $SQL_USER, waiting for it at most $DATABASE_WAIT_SECONDS s"
  last=
  until temporal-sql-tool --db "$1" setup-schema -v 0.0 >"$said" 2>&1; do
    why=$(reason)
    case $why in
      # Neither heals by waiting here; the Job tries again by itself some times, later.
      *"password authentication failed"*) failed "$why" ;;
      *"permission denied"*) failed "$SQL_USER may not use the database $1: $why" ;;
      *"database "*" does not exist"*)
        if [ "$DATABASE_CREATE" = true ]; then
          make "$1"
          continue
        fi
        ;;
    esac
    if [ "$(date +%s)" -ge "$limit" ]; then
      failed "gave up after $DATABASE_WAIT_SECONDS s: the database $1 at $SQL_HOST:$SQL_PORT cannot be used as $SQL_USER"
    fi
    if [ "$why" != "$last" ]; then echo "schema: $why"; last=$why; fi
    sleep 1
  done
}

make() {
  echo "schema: the database $1 is not there, making it"
  if temporal-sql-tool --db "$1" create-database --defaultdb "$DATABASE_MAINTENANCE" >"$said" 2>&1; then
    echo "schema: the database $1 is made"
  else
    failed "$SQL_USER cannot make the database $1 ($(reason)): CREATE DATABASE \"$1\" OWNER \"$SQL_USER\", or ALTER ROLE \"$SQL_USER\" CREATEDB"
  fi
}

update() {
  temporal-sql-tool --db "$1" update-schema --schema-name "postgresql/v12/$2"
  echo "schema: $2 is current in $1"
}

# Method, path, file with the body. The password goes in through standard input, never as an argument.
elasticsearch() {
  printf 'user = "%s:%s"\n' "$(quoted "${ES_USER:-}")" "$(quoted "${ES_PWD:-}")" |
    curl --silent --show-error --config - --request "$1" "$ES_URL/$2" --header 'Content-Type: application/json' \
      --output "$said" --write-out '%{http_code}' ${3:+--data-binary "@$3"}
}
quoted() { printf '%s' "$1" | tr -d '\r\n' | sed 's/["\\]/\\&/g'; }

# What went well, by the status; else what was said.
expect() {
  case " $2 " in *" $1 "*) return 0 ;; esac
  cat "$said" >&2
  echo "schema: Elasticsearch at $ES_URL answers $1 to $3" >&2
  exit 1
}

index() {
  folder=${ES_SCHEMA:-/etc/temporal/schema/elasticsearch/visibility/versioned}
  newest=$(ls "$folder" | grep '^v[0-9]' | sort -V | tail -n 1)
  template=$folder/$newest/index_template_$ES_VERSION.json
  echo "schema: index $ES_VIS_INDEX at $ES_URL, $newest, waiting for it at most $DATABASE_WAIT_SECONDS s"
  until status=$(elasticsearch GET "") && [ "$status" != 503 ]; do
    if [ "$(date +%s)" -ge "$limit" ]; then
      echo "schema: gave up after $DATABASE_WAIT_SECONDS s: Elasticsearch at $ES_URL does not answer" >&2
      exit 1
    fi
    sleep 1
  done
  expect "$status" 200 "the first question"
  expect "$(elasticsearch PUT _template/temporal_visibility_v1_template "$template")" 200 "the index template"
  status=$(elasticsearch GET "$ES_VIS_INDEX")
  if [ "$status" = 404 ]; then
    expect "$(elasticsearch PUT "$ES_VIS_INDEX")" 200 "the index"
    echo "schema: the index $ES_VIS_INDEX is made"
  else
    expect "$status" 200 "the question for the index"
    # Fields can be added to an index that is there; those that it has stay as they are.
    jq '.mappings' "$template" >"$said.json"
    expect "$(elasticsearch PUT "$ES_VIS_INDEX/_mapping" "$said.json")" 200 "the fields"
    echo "schema: the index $ES_VIS_INDEX is current"
  fi
}

if [ -n "${ES_URL:-}" ]; then index; fi
prepare "$DATABASE_NAME"
if [ -z "${ES_URL:-}" ]; then
  prepare "$DATABASE_VISIBILITY"
  update "$DATABASE_VISIBILITY" visibility
fi
update "$DATABASE_NAME" temporal
