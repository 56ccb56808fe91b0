#!/bin/sh
# Lays out what one VMM may see and becomes its shim. Runs in a mount namespace of its own, so that every mount made here goes
# with the machine, however it ends.
#
#   launch.sh STAGE USER NETNS LOG TEMPLATE FILES IMAGE KERNEL CGROUP... -- DEVICE... -- SHIM...
set -eu
stage=$1 user=$2 netns=$3 log=$4 template=$5 files=$6 image=$7 kernel=$8
shift 8

# First of all: from here on everything that this starts is the machine's, and can be found as such.
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift

# What the machine writes goes to a sparse file of its own; the empty file system in it is ready-made.
mkdir -m 700 "$files"
cp --sparse=always "$template" "$files/overlay.ext4"
chown "$user:$user" "$files" "$files/overlay.ext4"

# Where the VMM, an unprivileged user, finds its files, whatever the directories are in which the host has them.
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$stage"
mkdir "$stage/files"
mount --bind -o nosuid,nodev,noexec "$files" "$stage/files"
for pair in "$image:rootfs.erofs" "$kernel:kernel"; do
  : >"$stage/${pair##*:}"
  mount --bind -o ro "${pair%:*}" "$stage/${pair##*:}"
done
# Its user's alone, whatever the host's are.
while [ "$1" != -- ]; do
  node="$stage/${1##*/}"
  mknod -m 600 "$node" c $(stat -c '0x%t 0x%T' "$1")
  chown "$user:$user" "$node"
  mount --bind "$node" "$1"
  shift
done
shift

# A guest's memory is in no core dump; no file grows bigger than the overlay.
ulimit -c 0
ulimit -f $(($(stat -c %s "$template") / 512))

# Until here the controller hears what goes wrong, as a full disk takes no log; the shim, which outlives it, has a file.
exec nsenter --net="$netns" -- "$@" >"$log" 2>&1
