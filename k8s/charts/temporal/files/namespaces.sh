# Makes each of NAMESPACES (NAME=RETENTION, one a line), or gives one that is there its retention.
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
