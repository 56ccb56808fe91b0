# What Oriel is on NixOS, each a file.
{ lib, pkgs, self }:
let
  version = (builtins.fromJSON (builtins.readFile ../package.json)).version;
  modules = import ./npm.nix { inherit lib pkgs; };
  # Every .deb that the golden image and its builder are made from, as images/lock has them.
  debs = import ./debs.nix { inherit lib pkgs; };
in
{
  inherit modules debs;
  controller = import ./controller.nix { inherit modules pkgs self version; };
  golden-image = import ./golden-image.nix { inherit debs modules pkgs self version; };
}
