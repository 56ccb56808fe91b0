# Every tool that the recipes of the justfile call. The tests' own Node comes from npm (ADR 1) and finds its loader through nix-ld.
{ pkgs }:
pkgs.mkShell {
  packages = with pkgs; [
    # recipes and programs
    just
    nodejs_24
    # images
    debian-archive-keyring
    dpkg
    e2fsprogs
    erofs-utils
    mmdebstrap
    # machines
    conmon
    crun
    firecracker
    iproute2
    kmod
    nftables
    qemu_kvm
    util-linux
    # hosts
    opentofu
    # tests
    chromium
    libfaketime
    openssh
    procps
    prometheus.cli
    xdotool
    xorg.setxkbmap
    xorg.xkbcomp
    xorg.xorgserver
  ];
  shellHook = ''
    export ORIEL_CHROMIUM=${pkgs.chromium}/bin/chromium
  '';
}
