#!/bin/sh
# Mounts what one machine needs and becomes its shim. Runs in a mount namespace of its own, so that every mount made here
# goes with the machine, however it ends.
#
#   launch.sh STAGE LOWER OWNER SIZE_MIB NETNS LOG CGROUP... -- SHIM...
#
# OWNER is the first of the ids that are this machine's alone; 0 where ids cannot be shifted.
set -eu
stage=$1 lower=$2 owner=$3 size=$4 netns=$5 log=$6
shift 6

# First of all: from here on everything that this starts is the machine's, and can be found as such.
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift

# What the machine writes is kept in memory: bounded by the size and by its memory limit, gone with it, nothing on disk.
mount -t tmpfs -o "size=${size}m,mode=755,nosuid,nodev" tmpfs "$stage"
mkdir "$stage/files" "$stage/work" "$stage/root" "$stage/sys" "$stage/lower"
chown "$owner:$owner" "$stage/files" "$stage/work"
if [ "$owner" -ne 0 ]; then
  sh "${0%/*}/shift-ids.sh" "$lower" "$owner" "$stage/lower"
  lower=$stage/lower
fi
mount -t overlay -o "lowerdir=$lower,upperdir=$stage/files,workdir=$stage/work,nosuid,nodev" overlay "$stage/root"

# Until here no network was needed; a line says that it is up.
read -r _

# A user namespace cannot mount a sysfs of a network namespace that it does not own. This one shows eth0, not the host's.
nsenter --net="$netns" -- mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$stage/sys"

exec "$@" </dev/null >"$log" 2>&1
