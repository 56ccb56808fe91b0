#!/bin/sh
# Does what docs/jailer.md says of the jailer, but for the chroot: the fake in it needs a Node.
set -eu
while [ "$1" != -- ]; do
  case $1 in
    --id) id=$2 ;;
    --exec-file) exec_file=$2 ;;
    --uid) uid=$2 ;;
    --gid) gid=$2 ;;
    --chroot-base-dir) base=$2 ;;
    --netns) netns=$2 ;;
    --resource-limit) [ "${2%%=*}" = fsize ] && fsize=${2#*=} ;;
    --cgroup-version | --parent-cgroup) ;;
    *) echo "jailer: unknown argument $1" && exit 1 ;;
  esac
  shift 2
done
root=$base/$(basename "$exec_file")/$id/root
mkdir -p "$root/dev/net" "$root/run"
cp "$exec_file" "$root/"
chmod 700 "$root" && chown "$uid:$gid" "$root" "$root/dev" "$root/dev/net" "$root/run"
mknod -m 600 "$root/dev/net/tun" c 10 200 && mknod -m 600 "$root/dev/kvm" c 10 232
shift
exec nsenter --net="$netns" -- prlimit "--fsize=$fsize" setpriv "--reuid=$uid" "--regid=$gid" --clear-groups \
  env -i "FAKE_ROOT=$root" "$root/$(basename "$exec_file")" --id "$id" "$@"
