#!/bin/sh
# Mounts an image's root once more, its files belonging to 65,536 ids of the host from FIRST on, as a user namespace needs them.
#
#   shift-ids.sh ROOT FIRST TARGET
#
# An id-mapped bind mount takes util-linux 2.39; Debian 12 has 2.38. The image carries a newer one with all its libraries, so its
# own `mount` is run, by its own loader.
set -eu
exec "$1/lib64/ld-linux-x86-64.so.2" --library-path "$1/usr/lib/x86_64-linux-gnu" "$1/usr/bin/mount" \
  --bind -o "X-mount.idmap=0:$2:65536" "$1" "$3"
