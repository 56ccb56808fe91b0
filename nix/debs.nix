# A folder as the image builder's cache has it: each locked .deb under its sha256. Mirrors are those that nixpkgs knows; Debian's security
# archive stands beside its main one on each of them.
{ lib, pkgs }:
let
  read = file: (builtins.fromJSON (builtins.readFile file)).packages;
  locked = read ../images/lock/root.json ++ read ../images/lock/builder.json ++ read ../images/lock/kernel.json;
  archive = suite: if lib.hasSuffix "-security" suite then "mirror://debian/../debian-security" else "mirror://debian";
  fetch = deb: pkgs.fetchurl {
    name = "${lib.strings.sanitizeDerivationName "${deb.name}-${deb.version}"}.deb";
    url = "${archive deb.suite}/${deb.path}";
    inherit (deb) sha256;
  };
  # A package that two locks have is one.
  bySha256 = builtins.listToAttrs (map (deb: { name = "${deb.sha256}.deb"; value = fetch deb; }) locked);
in
pkgs.linkFarm "oriel-debs" (lib.mapAttrsToList (name: path: { inherit name path; }) bySha256)
