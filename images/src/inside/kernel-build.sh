#!/bin/sh
# kernel-build.sh: compiles the kernel that is configured in /build into /build/out.
set -eu
cd /build
KBUILD_BUILD_TIMESTAMP=$(date -u -d "@$SOURCE_DATE_EPOCH")
export KBUILD_BUILD_TIMESTAMP
make -s -j"$(nproc)" vmlinux bzImage
mkdir out
cp vmlinux arch/x86/boot/bzImage out/
cp .config out/config
cp include/config/kernel.release out/release
