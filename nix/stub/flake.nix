{
  description = "A stand-in for nixpkgs, with which Oriel's flake is evaluated where there is no internet";
  outputs = { self }: let lib = import ./lib.nix; in { inherit lib; legacyPackages.x86_64-linux = import ./pkgs.nix { inherit lib; }; };
}
