import type { TurnPlan } from './coturn-config.ts';
import { TURN_TABLE } from './wall.ts';

/** Where the config and what it names are on a host, and where the certificate is. */
export interface TurnPaths {
  dir: string;
  run: string;
  certificate: string;
  key: string;
}

/** Files of the folder. */
export const TURN_FILES = {
  config: 'turnserver.conf',
  wall: 'wall.nft',
  prepare: 'prepare.sh',
  unit: 'coturn.service.conf',
  secret: 'secret',
  certificate: 'tls/certificate.pem',
  key: 'tls/key.pem',
} as const;

/**
 * A drop-in for Debian's coturn.service. It does not begin without its wall. `systemctl reload coturn` reads certificate and secrets again, and
 * ends no connection.
 */
export function toCoturnUnit({ realm, ports }: Pick<TurnPlan, 'realm' | 'ports'>, { dir, run, certificate, key }: TurnPaths): string {
  const prepare = `+/bin/sh ${dir}/${TURN_FILES.prepare} ${run} ${realm} ${certificate} ${key} ${dir}/${TURN_FILES.secret}`;
  const isLow = Math.min(ports.plain, ports.tls) < 1024;
  return `# Made by the stack turn.
[Unit]
Wants=network-online.target
After=network-online.target

[Service]
ExecStartPre=+/usr/sbin/nft -f ${dir}/${TURN_FILES.wall}
ExecStartPre=${prepare}
ExecStart=
ExecStart=/usr/bin/turnserver -c ${dir}/${TURN_FILES.config} --pidfile=
ExecReload=${prepare}
ExecReload=/bin/kill -USR2 $MAINPID
ExecStopPost=-+/usr/sbin/nft delete table inet ${TURN_TABLE}
Restart=always
RestartSec=1
RuntimeDirectory=${run.replace(/^\/run\//, '')}
RuntimeDirectoryMode=0700
LimitNOFILE=65536
${isLow ? 'AmbientCapabilities=CAP_NET_BIND_SERVICE\n' : ''}CapabilityBoundingSet=${isLow ? 'CAP_NET_BIND_SERVICE' : ''}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
`;
}
