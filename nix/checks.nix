# What `nix flake check` evaluates, and builds where it may. The module's is decided by evaluation alone: a wrong one has no derivation.
{ lib, packages, pkgs, self }:
let
  # What NixOS itself declares, as far as the module speaks of it.
  nixos = { lib, ... }: {
    options = lib.genAttrs [ "boot" "networking" "systemd" ] (_: lib.mkOption { type = lib.types.attrs; default = { }; }) // {
      assertions = lib.mkOption { type = lib.types.listOf lib.types.attrs; default = [ ]; };
    };
  };
  evaluate = oriel: (lib.evalModules {
    specialArgs = { inherit pkgs; };
    modules = [ nixos self.nixosModules.default { services.oriel = oriel; } ];
  }).config;
  failed = oriel: map (found: found.message) (lib.filter (found: !found.assertion) (evaluate oriel).assertions);
  isRefused = oriel: !(builtins.tryEval (builtins.deepSeq (evaluate oriel).services.oriel.settings true)).success;
  public = { enable = true; settings = { ORIEL_BIND = "0.0.0.0"; ORIEL_PUBLIC_URL = "https://desktops.example.org"; }; };
  with' = more: public // { settings = public.settings // more; };
  unit = (evaluate (with' { ORIEL_WARM = 2; ORIEL_MEMORY_SHARE = 0.5; })).systemd.services.oriel;
  truths = {
    "a module that is not enabled makes no unit" = !((evaluate { }).systemd ? services);
    "a local controller needs no settings" = failed { enable = true; } == [ ];
    "one for others with an address has no complaint" = failed public == [ ];
    "one for others without an address is told" = lib.any (lib.hasInfix "ORIEL_PUBLIC_URL is missing") (failed { enable = true; settings.ORIEL_BIND = "0.0.0.0"; });
    "an address without a scheme is told" = lib.any (lib.hasInfix "must begin with") (failed (with' { ORIEL_PUBLIC_URL = "desktops"; }));
    "containers for strangers are told" = lib.any (lib.hasInfix "ORIEL_ALLOW_WEAK_ISOLATION") (failed (with' { ORIEL_DRIVER = "container"; }));
    "containers for strangers can be meant" = failed (with' { ORIEL_DRIVER = "container"; ORIEL_ALLOW_WEAK_ISOLATION = "1"; }) == [ ];
    "a secret in the store is told" = lib.any (lib.hasInfix "ORIEL_WEBHOOK_SECRET_FILE") (failed (with' { ORIEL_WEBHOOK_SECRET_FILE = "${builtins.storeDir}/secret"; }));
    "what a setting may not be is refused" = isRefused (with' { ORIEL_DRIVER = "docker"; }) && isRefused (with' { ORIEL_PORT = 70000; });
    "a setting that is none is refused" = isRefused (with' { ORIEL_DRIVERS = "qemu"; });
    "settings reach the unit as text, and those that are not given do not" = unit.environment.ORIEL_WARM == "2" && unit.environment.ORIEL_MEMORY_SHARE == "0.5" && !(unit.environment ? ORIEL_PORT);
    "the unit runs the package" = lib.hasSuffix "/bin/oriel" unit.serviceConfig.ExecStart;
  };
  wrong = lib.attrNames (lib.filterAttrs (_: isTrue: !isTrue) truths);
in
{
  module = if wrong == [ ] then pkgs.runCommand "oriel-module" { } "touch $out" else throw "not true: ${lib.concatStringsSep "; " wrong}";
  inherit (packages) controller;
}
