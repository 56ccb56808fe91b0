#!/bin/sh
# Runs a command with another umask and another clock. Must run in mount and process namespaces of its own.
#
#   vary.sh UMASK [NAME=VALUE]... -- COMMAND...
#
# The build starts every program by way of setpriv, with an environment that it made clean. So that those programs get the
# variables of the clock too, setpriv is replaced by one that sets them. Programs inside the builder root have the true
# clock: `env -i` is their first word.
set -eu
umask "$1"
shift

words=
while [ "$1" != -- ]; do
  words="$words $1"
  shift
done
shift
[ "$words" ] || exec "$@"

mount -t tmpfs -o mode=755 setpriv /usr/local/sbin
printf '#!/bin/sh\nexec env%s %s "$@"\n' "$words" "$(command -v setpriv)" >/usr/local/sbin/setpriv
chmod 755 /usr/local/sbin/setpriv
# The library keeps a little in memory for each process, and forgets it there.
mount -t tmpfs -o mode=1777 shm /dev/shm
# Words without blanks, one variable each.
exec env $words "$@"
