{
  description = "Disposable Linux desktops, each in a microVM of its own, shown inside a web page";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  # A table of contents: each output is a file of nix/ (nix/README.md).
  outputs =
    { self, nixpkgs }:
    let
      system = "x86_64-linux";
      inherit (nixpkgs) lib;
      pkgs = nixpkgs.legacyPackages.${system};
      packages = import ./nix/packages.nix { inherit lib pkgs self; };
    in
    {
      packages.${system} = packages // { default = packages.controller; };
      devShells.${system}.default = import ./nix/dev-shell.nix { inherit pkgs; };
      nixosModules.default = import ./nix/module { inherit packages; };
      checks.${system} = import ./nix/checks.nix { inherit lib packages pkgs self; };
      formatter.${system} = pkgs.nixfmt-rfc-style;
    };
}
