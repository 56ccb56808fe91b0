#!/bin/sh
# Lays out what one VMM may see and becomes its shim. Runs in a mount namespace of its own, so that every mount made here goes
# with the machine, however it ends. Each process that this starts costs two milliseconds of a clone: few are started.
#
#   launch.sh STAGE USER NETNS LOG TEMPLATE OVERLAY BLOCKS MOUNTS CGROUP... -- DEVICE:MAJOR:MINOR... -- SHIM...
set -eu
umask 077
stage=$1 user=$2 netns=$3 log=$4 template=$5 overlay=$6 blocks=$7 mounts=$8
shift 8

# First of all: from here on everything that this starts is the machine's, and can be found as such.
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift

# What the machine writes goes to a sparse file of its own; the empty file system in it is ready-made. The file is there and its
# user's; it is filled while the rest is laid out.
cp --sparse=always "$template" "$overlay" &
copying=$!

# Where the VMM, an unprivileged user, finds its files, whatever the directories are in which the host has them.
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$stage"
: >"$stage/rootfs.erofs"
: >"$stage/kernel"
# Its user's alone, whatever the host's are.
while [ "$1" != -- ]; do
  path=${1%%:*} numbers=${1#*:}
  mknod -m 600 "$stage/${path##*/}" c "${numbers%:*}" "${numbers#*:}"
  chown "$user:$user" "$stage/${path##*/}"
  shift
done
shift
printf '%s\n' "$mounts" >"$stage/mounts"
mount --all --fstab "$stage/mounts"
wait "$copying"

# A guest's memory is in no core dump; no file grows bigger than the overlay.
ulimit -c 0
ulimit -f "$blocks"

# Until here no network was needed; a line says that it is there.
read -r _

# Until here the controller hears what goes wrong, as a full disk takes no log; the shim, which outlives it, has a file.
exec nsenter --net="$netns" -- "$@" </dev/null >"$log" 2>&1
