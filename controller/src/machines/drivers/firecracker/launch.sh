#!/bin/sh
# Lays out the jail of one Firecracker and becomes its shim. Runs in a mount namespace of its own, so that the jail goes with the
# machine, however it ends.
#
#   launch.sh STAGE ROOT USER LOG TEMPLATE FILES CGROUP... -- [FILE PATH]... -- SHIM...
set -eu
stage=$1 root=$2 user=$3 log=$4 template=$5 files=$6
shift 6

# First of all: from here on everything that this starts is the machine's, and can be found as such.
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift

# What the machine writes goes to a sparse file of its own; the file system in it is ready-made. The file is there and its
# user's; it is filled while the rest is laid out. What Firecracker says goes through pipes: a pipe that nobody reads is full, and
# grows no further.
cp --sparse=always "$template" "$files/overlay.ext4" &
copying=$!
mkfifo -m 600 "$files/log.fifo" "$files/metrics.fifo"
chown "$user:$user" "$files/log.fifo" "$files/metrics.fifo"

# The jailer copies Firecracker in and makes its devices there: neither noexec nor nodev.
mount -t tmpfs -o mode=755,nosuid,size=64m tmpfs "$stage"
mkdir -p "$root/files"
mount --bind "$files" "$root/files"
while [ "$1" != -- ]; do
  : >"$root$2"
  mount --bind -o ro "$1" "$root$2"
  shift 2
done
shift
wait "$copying"

# Until here no network was needed; a line says that it is there.
read -r _

# What went wrong before is told to the controller itself: a full disk takes no log.
exec "$@" </dev/null >"$log" 2>&1
