# infra/systemd/oriel.service in NixOS's words; nix/test says where the two differ. Why each line is there is told there.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.oriel;
  toText = value: if builtins.isString value then value else builtins.toJSON value;
  given = lib.filterAttrs (_: value: value != null) cfg.settings;
in
{
  config = lib.mkIf cfg.enable {
    systemd.slices.oriel = { };
    systemd.slices.oriel-machines = { };
    systemd.services.oriel = {
      description = "Oriel controller";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      # It is to come back, however often it ends.
      startLimitIntervalSec = 0;
      # A new generation ends no session: machines are units of their own.
      restartIfChanged = true;
      path = with pkgs; [ conmon crun e2fsprogs iproute2 kmod nftables procps qemu_kvm systemd util-linux ];
      environment = lib.mapAttrs (_: toText) given // {
        MALLOC_ARENA_MAX = "1";
        MALLOC_TRIM_THRESHOLD_ = "131072";
        NODE_COMPILE_CACHE = "/var/cache/oriel-controller";
      };
      serviceConfig = {
        Type = "notify";
        NotifyAccess = "all";
        Slice = "oriel.slice";
        ExecStart = "${cfg.package}/bin/oriel";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        EnvironmentFile = lib.mkIf (cfg.environmentFile != null) (toString cfg.environmentFile);
        CacheDirectory = "oriel-controller";
        CacheDirectoryMode = "0700";
        WorkingDirectory = "/";
        UMask = "0022";
        TimeoutStartSec = "120s";
        TimeoutStopSec = "30s";
        KillMode = "mixed";
        Restart = "on-failure";
        RestartSec = "200ms";
        RestartSteps = 8;
        RestartMaxDelaySec = "30s";
        OOMPolicy = "continue";
        NoNewPrivileges = true;
        CapabilityBoundingSet = [
          "CAP_SYS_ADMIN CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_RESOURCE CAP_SYS_MODULE"
          "CAP_MKNOD CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_SETFCAP CAP_KILL"
        ];
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
        SystemCallArchitectures = "native";
        LockPersonality = true;
        KeyringMode = "private";
      };
    };
  };
}
