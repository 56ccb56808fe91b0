# One option for each variable that the controller reads: nix/options.json is made from the controller's own schema (just nix-options).
{ packages }:
{ lib, ... }:
let
  variables = builtins.fromJSON (builtins.readFile ../options.json);
  toType = { type, enum ? null, minimum ? null, maximum ? null, ... }:
    if enum != null then lib.types.enum enum
    else if type == "integer" then lib.types.ints.between minimum maximum
    else if type == "number" then lib.types.addCheck lib.types.number (value: value >= minimum && value <= maximum)
    else lib.types.str;
  toOption = _: variable: lib.mkOption {
    type = lib.types.nullOr (toType variable);
    default = null;
    inherit (variable) description;
  };
in
{
  options.services.oriel = {
    enable = lib.mkEnableOption "the Oriel controller";
    package = lib.mkOption {
      type = lib.types.package;
      default = packages.controller;
      description = "The controller.";
    };
    settings = lib.mapAttrs toOption variables;
    environmentFile = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "File of variables that do not belong into the store. Secrets are files of their own, which variables name.";
    };
    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether the firewall lets the API's port and the media ports in.";
    };
  };
}
