# What the host must have. Networks, forwarding and firewall tables of clones are the controller's own to make and to take away.
{ config, lib, ... }:
let
  cfg = config.services.oriel;
  port = if cfg.settings.ORIEL_PORT == null then 7080 else cfg.settings.ORIEL_PORT;
in
{
  config = lib.mkIf cfg.enable {
    boot.kernelModules = [ "kvm-intel" "kvm-amd" "tun" "erofs" "overlay" ];
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ port ];
  };
}
