#!/bin/sh
# Puts node_modules in the state of package-lock.json. Any Node and npm will do: Node 24 itself is one of the packages.
set -eu
stamp=node_modules/.oriel-lock
wanted=$(sha256sum package-lock.json package.json | sha256sum)
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
command -v npm >/dev/null || { echo 'npm is missing: install Node.js, any version (https://nodejs.org, or the package nodejs)' >&2; exit 1; }
echo 'npm ci: Node 24 and the packages of package-lock.json'
npm ci --loglevel=error
printf %s "$wanted" >"$stamp"
