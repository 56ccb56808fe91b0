#!/bin/sh
# kernel-config.sh SOURCE: unpacks the kernel into /build and configures it there from the fragment on standard input.
set -eu
cat >/tmp/fragment
# Other architectures, drivers of devices that a virtual machine has not, manuals and tests: most of the sources. kconfig reads
# their Kconfig files; no compiler the rest.
unread() { for folder in "$@"; do printf '*/%s\n' "$folder/*.[chS]" "$folder/*.dts*"; done; }
{
  for arch in alpha arc arm arm64 csky hexagon loongarch m68k microblaze mips nios2 openrisc parisc powerpc riscv s390 sh sparc um xtensa; do
    unread "arch/$arch"
  done
  unread drivers/gpu/drm drivers/net/ethernet drivers/net/wireless drivers/media drivers/scsi drivers/clk drivers/usb drivers/pinctrl
  unread drivers/accel drivers/infiniband drivers/staging drivers/iio drivers/hwmon drivers/mtd sound tools/perf tools/testing
  printf '*/Documentation/*.%s\n' rst yaml
} >/tmp/unread
tar -xf "/usr/src/$1.tar.xz" -C /build --strip-components=1 --exclude-from=/tmp/unread
cd /build
make -s tinyconfig >/dev/null
scripts/kconfig/merge_config.sh -m .config /tmp/fragment >/dev/null
make -s olddefconfig >/dev/null
