# What types cannot say. Each names what is wrong and what would be right.
{ config, lib, ... }:
let
  cfg = config.services.oriel;
  bind = if cfg.settings.ORIEL_BIND == null then "127.0.0.1" else cfg.settings.ORIEL_BIND;
  isLocal = lib.hasPrefix "127." bind;
  isSecret = path: path != null && lib.hasPrefix builtins.storeDir (toString path);
  files = lib.filterAttrs (name: value: lib.hasSuffix "_FILE" name && isSecret value) cfg.settings;
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = isLocal || cfg.settings.ORIEL_PUBLIC_URL != null;
        message = "services.oriel.settings.ORIEL_PUBLIC_URL is missing: others than this host reach ${bind}, and links must name where.";
      }
      {
        assertion = cfg.settings.ORIEL_PUBLIC_URL == null || lib.hasPrefix "http" cfg.settings.ORIEL_PUBLIC_URL;
        message = "services.oriel.settings.ORIEL_PUBLIC_URL must begin with https:// or http://.";
      }
      {
        assertion = isLocal || cfg.settings.ORIEL_DRIVER != "container" || cfg.settings.ORIEL_ALLOW_WEAK_ISOLATION == "1";
        message = "services.oriel.settings.ORIEL_DRIVER = \"container\" shares the host's kernel with strangers: set ORIEL_ALLOW_WEAK_ISOLATION = \"1\" if that is meant.";
      }
      {
        assertion = files == { };
        message = "services.oriel.settings: ${toString (lib.attrNames files)} are in the store, which everybody can read: name files outside of it.";
      }
    ];
  };
}
