# Temporal answers when its frontend reaches the other servers.
wait_for "Temporal at $TEMPORAL_ADDRESS" "Temporal at $TEMPORAL_ADDRESS does not answer" \
  temporal --command-timeout 5s operator cluster health
echo "Temporal is there"
