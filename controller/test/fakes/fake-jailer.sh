#!/bin/sh
# Does what docs/jailer.md says of the jailer, jail included. The fake in it is a script and needs a system: that of $FAKE_BINDS.
set -eu
while [ "$1" != -- ]; do
  case $1 in
    --id) id=$2 ;;
    --exec-file) exec_file=$2 ;;
    --uid) uid=$2 ;;
    --gid) gid=$2 ;;
    --chroot-base-dir) base=$2 ;;
    --netns) netns=$2 ;;
    --resource-limit) [ "${2%%=*}" != fsize ] || fsize=${2#*=} ;;
    --cgroup-version | --parent-cgroup) ;;
    *) echo "jailer: unknown argument $1" && exit 1 ;;
  esac
  shift 2
done
shift
program=$(basename "$exec_file")
root=$base/$program/$id/root
mkdir -p "$root"
cp "$exec_file" "$root/"
for path in $FAKE_BINDS; do
  mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
done
for name in bin lib lib64; do ln -s "usr/$name" "$root/$name"; done

# shellcheck disable=SC2016
exec nsenter --net="$netns" -- unshare --mount --propagation slave -- sh -euc '
  root=$1 uid=$2 gid=$3 fsize=$4 program=$5
  shift 5
  mount --rbind "$root" "$root"
  cd "$root"
  mkdir -m 600 old_root
  pivot_root . old_root
  cd /
  umount -l /old_root
  rmdir /old_root
  for folder in / /dev /dev/net /run; do
    mkdir -p "$folder"
    chmod 700 "$folder"
    chown "$uid:$gid" "$folder"
  done
  mknod -m 600 /dev/net/tun c 10 200
  mknod -m 600 /dev/kvm c 10 232
  chown "$uid:$gid" /dev/net/tun /dev/kvm
  exec prlimit "--fsize=$fsize" setpriv "--reuid=$uid" "--regid=$gid" --clear-groups env -i "/$program" "$@"
' sh "$root" "$uid" "$gid" "$fsize" "$program" --id "$id" "$@"
