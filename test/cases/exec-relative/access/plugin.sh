#!/bin/sh
case "$KUBERNETES_EXEC_INFO" in *AUTHORITY*) ;; *) echo 'nobody says which cluster is meant' >&2; exit 1 ;; esac
cat "$(dirname "$0")/credential.json"
