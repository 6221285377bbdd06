# Is the schema as new as this image's? temporal-sql-tool has no command for that question. So update-schema gets a folder that
# holds nothing but an empty folder named after the newest version: a database at that version or beyond has nothing to do
# (exit 0), an older one wants to read the manifest that is not there (exit 1) before it has written anything.
schema=/etc/temporal/schema/postgresql/v12
for name in temporal visibility; do
  newest=$(ls "$schema/$name/versioned" | grep '^v[0-9]' | sort -V | tail -n 1)
  if [ -z "$newest" ]; then
    echo "this image has no schema in $schema/$name/versioned" >&2
    exit 1
  fi
  mkdir -p "/tmp/schema/$name/$newest"
  echo "this image needs schema $name $newest"
done
current() { temporal-sql-tool --db "$1" update-schema --schema-dir "/tmp/schema/$2"; }
all() {
  current "$DATABASE_NAME" temporal || return 1
  [ -n "${ES_URL:-}" ] || current "$DATABASE_VISIBILITY" visibility
}
wait_for "Temporal's schema in $DATABASE_NAME at $SQL_HOST:$SQL_PORT" "Temporal's schema is not there" all
echo "Temporal's schema is there"
