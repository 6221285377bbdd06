#!/bin/sh
# One dump of each database, with its own owner's rights: written beside, read again whole, and only then given its name. What was there
# goes when enough newer ones are proven, the newest of each never. Where the server is and how it is verified comes from libpq's own
# variables (PGHOST, PGPORT, PGSSLMODE, PGSSLROOTCERT).
#   backup.sh DATABASE:ROLE:PASSWORD_FILE...
set -eu
umask 077

SECRETS_DIR="${SECRETS_DIR:-/run/secrets}" BACKUP_DIR="${BACKUP_DIR:-/var/lib/postgresql/backups}"
KEEP="${BACKUP_KEEP:-7}" KEEP_DAYS="${BACKUP_KEEP_DAYS:-}" WORK="$(mktemp -d)"
export PGCONNECT_TIMEOUT=10 PGPASSFILE="$WORK/pgpass"
partial='' failed=0 made=''
trap 'rm -rf "$WORK"; [ -z "$partial" ] || rm -f "$partial"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

fail() { # DATABASE WHAT: its dumps of before stay
  echo "FAILED  $1: $2" >&2
  rm -f "$partial"
  partial='' failed=1
}

# What a killed run has left, of these databases. Only one runs at a time; an hour spares one that somebody started by hand.
find "$BACKUP_DIR" -maxdepth 1 -name '.*.dump.partial' -mmin +60 -exec rm -f {} +

dump() { # DATABASE ROLE PASSWORD_FILE
  final="$BACKUP_DIR/$1-$(date -u +%Y%m%dT%H%M%SZ).dump"
  partial="$BACKUP_DIR/.$1-$$-${HOSTNAME:-here}.dump.partial"
  # The password goes through a file: neither in arguments nor in the environment. A backslash and a colon are escaped there.
  printf '*:*:*:*:%s\n' "$(sed 's/[\\:]/\\&/g' "$SECRETS_DIR/$3")" >"$PGPASSFILE"
  if ! pg_dump --no-password --format=custom --username="$2" --file="$partial" "$1" 2>"$WORK/said"; then
    fail "$1" "pg_dump: $(tail -n 1 "$WORK/said")"
  elif ! pg_restore --list "$partial" >"$WORK/list" 2>"$WORK/said"; then
    fail "$1" "pg_restore --list: $(tail -n 1 "$WORK/said")"
  # The list stands at the beginning of the file: only reading all of it tells one that was cut short.
  elif ! pg_restore --file=/dev/null "$partial" 2>"$WORK/said"; then
    fail "$1" "pg_restore: $(tail -n 1 "$WORK/said")"
  elif ! sync "$partial" || ! mv "$partial" "$final"; then
    fail "$1" "it cannot be written to $BACKUP_DIR"
  else
    partial=''
    made="$made ${final##*/}"
    echo "ok      ${final##*/}: $(wc -c <"$final") bytes, $(grep -vc '^;' "$WORK/list" || true) entries"
    retire "$1"
  fi
}

retire() { # DATABASE: its own dumps by their names, the newest first, the first of them always kept
  at=0
  find "$BACKUP_DIR" -maxdepth 1 -name "$1-[0-9]*T[0-9]*Z.dump" | sort -r | while read -r one; do
    at=$((at + 1))
    [ "$at" -gt 1 ] || continue
    if [ "$at" -gt "$KEEP" ] || { [ -n "$KEEP_DAYS" ] && [ -n "$(find "$one" -mtime "+$KEEP_DAYS")" ]; }; then
      rm -f "$one"
      echo "gone    ${one##*/}"
    fi
  done
}

for one in "$@"; do
  rest="${one#*:}"
  dump "${one%%:*}" "${rest%%:*}" "${rest#*:}"
done

# The last words of the container: what it has made, by name.
echo "${made# }" 2>/dev/null >/dev/termination-log || true
if [ "$failed" -ne 0 ]; then
  echo "the dumps of before are still there" >&2
  exit 1
fi
echo "all $# databases are in $BACKUP_DIR"
