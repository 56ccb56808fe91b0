#!/bin/sh
# Makes a fake machine's disk and becomes its shim, as launch.sh of the virtual machines does: from the first line on everything
# that this starts is in the machine's groups.
#
#   launch.sh NETNS LOG DISK CGROUP... -- SHIM...
set -eu
netns=$1 log=$2 disk=$3
shift 3
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift
truncate --size=64M "$disk"
printf 'a disk that somebody wrote to\n' | dd of="$disk" conv=notrunc status=none

# Until here no network was needed; a line says that it is up.
read -r _
exec nsenter --net="$netns" -- "$@" </dev/null >"$log" 2>&1
