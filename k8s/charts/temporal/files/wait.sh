# Without the trap a shell that is process 1 ignores SIGTERM, and a pod deleted while it waits would take its whole grace period.
trap 'exit 143' TERM
# WHAT, what is said where it never comes, COMMAND…: runs it until it succeeds.
wait_for() {
  what=$1 never=$2
  shift 2
  limit=$(( $(date +%s) + FORGE_WAIT_SECONDS ))
  echo "waiting for $what, at most $FORGE_WAIT_SECONDS s"
  until "$@" >/tmp/said 2>&1; do
    if [ "$(date +%s)" -ge "$limit" ]; then
      cat /tmp/said >&2
      echo "gave up after $FORGE_WAIT_SECONDS s: $never" >&2
      exit 1
    fi
    sleep 1
  done
}
