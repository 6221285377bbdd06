# Makes each of NAMESPACES (NAME=RETENTION, one a line), or gives one that is there its retention.
trap 'exit 143' TERM
limit=$(( $(date +%s) + FORGE_WAIT_SECONDS ))
echo "namespaces: waiting for Temporal at $TEMPORAL_ADDRESS, at most $FORGE_WAIT_SECONDS s"
until temporal --command-timeout 5s operator cluster health >/tmp/said 2>&1; do
  if [ "$(date +%s)" -ge "$limit" ]; then
    cat /tmp/said >&2
    echo "namespaces: gave up after $FORGE_WAIT_SECONDS s: Temporal at $TEMPORAL_ADDRESS does not answer" >&2
    exit 1
  fi
  sleep 1
done
for line in $NAMESPACES; do
  name=${line%%=*} retention=${line#*=}
  if temporal --command-timeout 20s operator namespace describe -n "$name" >/tmp/said 2>&1; then
    temporal --command-timeout 30s operator namespace update -n "$name" --retention "$retention"
    echo "namespaces: $name is there, finished workflows are kept for $retention"
  else
    # Only "it is not there" is a reason to make one; anything else is said by create itself.
    temporal --command-timeout 30s operator namespace create -n "$name" --retention "$retention"
    echo "namespaces: $name made, finished workflows are kept for $retention"
  fi
done
