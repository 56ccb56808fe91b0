#!/bin/sh
# The shim's runtime for a VMM: starts it and says which process it is. The shim takes it over when this ends.
#
#   run.sh WORD... -- create --bundle DIR --pid-file FILE ID
set -eu
case " $* " in *' -- create '*) ;; *) exit 64 ;; esac
words=0
# Each word of the VMM's goes behind the shim's.
while [ "$1" != -- ]; do
  set -- "$@" "$1"
  shift
  words=$((words + 1))
done
[ "$2" = create ]
[ "$5" = --pid-file ]
pid_file=$6
shift 7
[ $# = $words ]
"$@" &
echo $! >"$pid_file"
