# Is the schema as new as this image's? temporal-sql-tool has no command for that question. So update-schema gets a folder that
# holds nothing but an empty folder named after the newest version: a database at that version or beyond has nothing to do
# (exit 0), an older one wants to read the manifest that is not there (exit 1) before it has written anything.
# Without the trap a shell that is process 1 ignores SIGTERM, and a pod deleted while it waits would take its whole grace period.
trap 'exit 143' TERM
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
current() { temporal-sql-tool --db "$1" update-schema --schema-dir "/tmp/schema/$2" >/tmp/said 2>&1; }
all() {
  current "$DATABASE_NAME" temporal || return 1
  [ -n "${ES_URL:-}" ] || current "$DATABASE_VISIBILITY" visibility
}
limit=$(( $(date +%s) + FORGE_WAIT_SECONDS ))
echo "waiting for Temporal's schema in $DATABASE_NAME at $SQL_HOST:$SQL_PORT, at most $FORGE_WAIT_SECONDS s"
until all; do
  if [ "$(date +%s)" -ge "$limit" ]; then
    cat /tmp/said >&2
    echo "gave up after $FORGE_WAIT_SECONDS s: Temporal's schema is not there" >&2
    exit 1
  fi
  sleep 1
done
echo "Temporal's schema is there"
