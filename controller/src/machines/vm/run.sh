#!/bin/sh
# The shim's runtime for a VMM: starts it and says which process it is. The shim takes it over when this ends.
#
#   run.sh WORD... -- create --bundle DIR --pid-file FILE ID
set -eu
# The VMM may have a `--` of its own, so the shim's seven words are counted from the end. Each of the VMM's goes behind them.
words=$(($# - 7))
while [ "$words" -gt 0 ]; do
  set -- "$@" "$1"
  shift
  words=$((words - 1))
done
[ "$1" = -- ]
[ "$2" = create ]
[ "$5" = --pid-file ]
pid_file=$6
shift 7
# In a session of its own: the shim ends all of its group when its time is over, and must outlive that.
setsid "$@" &
echo $! >"$pid_file"
