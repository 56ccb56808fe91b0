# Every package is an empty derivation of its name, and every builder makes one of what it is given: paths and names are there to be
# evaluated, nothing is there to be built.
{ lib }:
let
  toDerivation = name: args: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/false"; } // args);
  toText = value: if builtins.isList value then map toString value else toString value;
  mkDerivation = args:
    toDerivation (args.name or "${args.pname}-${args.version}") (
      lib.mapAttrs (_: toText) (removeAttrs args [ "meta" "name" "outputHash" "outputHashAlgo" "outputHashMode" "passthru" ])
    ) // { meta = args.meta or { }; };
  package = name: toDerivation name { };
  names = [
    "cacert" "chromium" "conmon" "coreutils" "crun" "debian-archive-keyring" "dpkg" "e2fsprogs" "erofs-utils" "firecracker" "iproute2" "just" "kmod"
    "libfaketime" "makeWrapper" "mmdebstrap" "nftables" "nixfmt-rfc-style" "nodejs_24" "openssh" "opentofu" "procps" "qemu_kvm" "systemd" "util-linux" "xdotool"
  ];
in
lib.genAttrs names package // {
  inherit lib;
  xorg = lib.genAttrs [ "setxkbmap" "xkbcomp" "xorgserver" ] package;
  prometheus = package "prometheus" // { cli = package "prometheus-cli"; };
  stdenvNoCC = { inherit mkDerivation; };
  mkShell = args: mkDerivation ({ name = "shell"; } // args);
  fetchurl = { name, url, sha256 }: derivation { inherit name url; system = "builtin"; builder = "builtin:fetchurl"; outputHash = sha256; outputHashAlgo = "sha256"; outputHashMode = "flat"; };
  linkFarm = name: entries: toDerivation name { paths = map (entry: "${entry.name} ${entry.path}") entries; };
  runCommand = name: args: script: toDerivation name (args // { inherit script; });
  vmTools = { runInLinuxVM = package: package; createEmptyImage = { size, fullName }: "true"; };
}
