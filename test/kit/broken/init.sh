#!/bin/sh
# Stands in for init in the tests' broken image. Breaks what the word oriel.break=… names, then becomes the golden image's own init.
PATH=/usr/sbin:/usr/bin
fault=none
for word in $*; do
  case $word in oriel.break=*) fault=${word#oriel.break=} ;; esac
done

# replace PROGRAM TEXT: a script in its place.
replace() {
  rm "$1"
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod 755 "$1"
}

case $fault in
  none | config | config-text) ;;
  gstreamer) rm -r /usr/lib/oriel/node_modules/gstreamer-superficial ;;
  encoder) rm /usr/lib/*/gstreamer-1.0/libgstvpx.so ;;
  agent) echo 'throw new Error("a mistake in the agent");' >/usr/lib/oriel/agent.mjs ;;
  xorg) sed -i 's/Driver .*/Driver "no_such_driver"/' /etc/X11/oriel.conf ;;
  x11vnc) replace /usr/bin/x11vnc 'echo "a library is missing"; echo "giving up"; exit 3' ;;
  disk) cat /dev/zero >/var/filled ;;
  silent)
    echo 'waiting for a disk that never comes'
    exec sleep 3600
    ;;
  exit)
    echo 'the last thing it said'
    exit 7
    ;;
  *) echo "oriel: fatal: oriel.break=$fault is not known to the tests" && exit 1 ;;
esac 2>/dev/null
exec /usr/sbin/oriel-init.golden "$@"
