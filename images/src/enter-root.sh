#!/bin/sh
# Runs a command inside a root file system without changing it: what is written goes to memory and is gone afterwards.
# Must run in mount and process namespaces of its own (namespace.ts), with which its mounts vanish.
#
#   enter-root.sh SCRATCH ROOT [FROM:TO:ro|rw]... -- COMMAND...
#
# SCRATCH  an empty folder to mount on        ROOT  a folder, or an EROFS image
# FROM:TO  a folder of the host, seen at TO inside
set -eu
umask 022
scratch=$1 root=$2
shift 2

mount -t tmpfs -o mode=755 scratch "$scratch"
cd "$scratch"
mkdir lower upper work root
if [ -d "$root" ]; then mount --bind "$root" lower; else mount -t erofs -o loop,ro "$root" lower; fi
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay root
# The upper folder's own time would show as that of /.
touch -r lower root
mount -t proc -o nosuid,nodev,noexec proc root/proc
mount -t tmpfs -o mode=755 dev root/dev
mkdir root/dev/shm
for node in null zero full random urandom; do
  touch "root/dev/$node"
  mount --bind "/dev/$node" "root/dev/$node"
done
ln -s /proc/self/fd root/dev/fd
mount -t tmpfs -o mode=1777 tmp root/tmp
mount -t tmpfs -o mode=755 run root/run

while [ "$1" != -- ]; do
  from=${1%%:*} rest=${1#*:}
  to=${rest%:*} mode=${rest##*:}
  mkdir -p "root$to"
  mount --bind "$from" "root$to"
  [ "$mode" = rw ] || mount -o remount,bind,ro "root$to"
  shift
done
shift

# Not chroot: a process in a chroot may not make user namespaces, which Chromium's sandbox is made of.
cd root
pivot_root . mnt
umount -l /mnt
exec "$@"
