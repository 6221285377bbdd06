# Temporal answers when its frontend reaches the other servers. Without the trap a shell that is process 1 ignores SIGTERM.
trap 'exit 143' TERM
limit=$(( $(date +%s) + FORGE_WAIT_SECONDS ))
echo "waiting for Temporal at $TEMPORAL_ADDRESS, at most $FORGE_WAIT_SECONDS s"
until temporal --command-timeout 5s operator cluster health >/tmp/said 2>&1; do
  if [ "$(date +%s)" -ge "$limit" ]; then
    cat /tmp/said >&2
    echo "gave up after $FORGE_WAIT_SECONDS s: Temporal at $TEMPORAL_ADDRESS does not answer" >&2
    exit 1
  fi
  sleep 1
done
echo "Temporal is there"
