#!/bin/sh
# kernel-config.sh SOURCE: unpacks the kernel into /build and configures it there from the fragment on standard input.
set -eu
cat >/tmp/fragment
tar -xf "/usr/src/$1.tar.xz" -C /build --strip-components=1
cd /build
make -s tinyconfig >/dev/null
scripts/kconfig/merge_config.sh -m .config /tmp/fragment >/dev/null
make -s olddefconfig >/dev/null
