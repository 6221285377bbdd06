#!/bin/sh
# Creates the namespace in which the application's workflows run, if it is not there. Connection: TEMPORAL_ADDRESS.
set -eu

namespace="${TEMPORAL_NAMESPACE:-default}"
retention="${NAMESPACE_RETENTION:-168h}"

# The port opens a moment before the service behind it answers.
attempt=0
until temporal --command-timeout 5s operator cluster health >/dev/null 2>&1; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge 60 ]; then
    temporal --command-timeout 5s operator cluster health
    exit 1
  fi
  sleep 1
done

if temporal --command-timeout 10s operator namespace describe -n "$namespace" >/dev/null 2>&1; then
  echo "namespace-init: $namespace is there"
  exit 0
fi
temporal --command-timeout 30s operator namespace create -n "$namespace" --retention "$retention"
echo "namespace-init: $namespace created, finished workflows are kept for $retention"
