import { readFileSync } from 'node:fs';
import { toConfigDir, toDataDir, type Removal, type Service } from '../deploy/service.ts';
import type { EdgeSettings } from '../settings/edge.ts';
import type { HostSettings } from '../settings/host.ts';
import { EDGE_FILES, toCaddyfile } from './caddyfile.ts';

const PACKAGES = ['caddy'];
const DROP_IN = '/etc/systemd/system/caddy.service.d/oriel.conf';
const [DIR, DATA] = [toConfigDir('edge'), `${toDataDir('edge')}/data`];
const AT_START = `ORIEL_METRICS_TOKEN=$(cat ${DIR}/${EDGE_FILES.metricsToken} 2>/dev/null || true) XDG_DATA_HOME=${DATA} XDG_CONFIG_HOME=/run/oriel-edge`;
const CONFIG = `--adapter caddyfile --config ${DIR}/${EDGE_FILES.caddyfile}`;

/** Caddy, as Debian packages it, in front of the controller on one host. */
export function toEdgeService(edge: EdgeSettings, host: HostSettings): Service {
  const { tls, metricsToken } = edge;
  return {
    name: 'edge',
    packages: PACKAGES,
    group: 'caddy',
    files: {
      [EDGE_FILES.caddyfile]: toCaddyfile(edge, host),
      // Its environment is asked for by whoever may see a process's: root, and Caddy.
      begin: `${AT_START}; export ORIEL_METRICS_TOKEN XDG_DATA_HOME XDG_CONFIG_HOME; exec caddy run ${CONFIG}\n`,
      'unit.conf': UNIT,
      ...('certificate' in tls && { [EDGE_FILES.certificate]: readFileSync(tls.certificate, 'utf8') }),
    },
    secrets: {
      ...('certificate' in tls && { [EDGE_FILES.key]: { from: tls.key, ...(tls.version !== undefined && { version: tls.version }) } }),
      ...(metricsToken && { [EDGE_FILES.metricsToken]: metricsToken }),
    },
    copies: { [DROP_IN]: 'unit.conf' },
    units: ['caddy.service'],
    // As the user that it runs as: a root of its own that is made at a check must be one that it can read.
    check: `${metricsToken ? isToken(EDGE_FILES.metricsToken) : 'true'} && install -d -o caddy -g caddy -m 700 ${DATA} && (${AT_START}; export ORIEL_METRICS_TOKEN XDG_DATA_HOME XDG_CONFIG_HOME; runuser -u caddy -- caddy validate ${CONFIG} 2>&1 | tail -n 3 | grep -q 'Valid configuration' || { runuser -u caddy -- caddy validate ${CONFIG} 2>&1 | tail -n 3 >&2; exit 1; })`,
  };
}

export const EDGE_REMOVAL: Removal = { name: 'edge', packages: PACKAGES, units: ['caddy.service'], copies: [DROP_IN] };

const UNIT = `# Made by the edge stack.
[Unit]
Wants=network-online.target
[Service]
ExecStart=
ExecStart=/bin/sh ${DIR}/begin
ExecReload=
StateDirectory=oriel-edge/data
StateDirectoryMode=0700
RuntimeDirectory=oriel-edge
RuntimeDirectoryMode=0700
Restart=on-failure
RestartSec=1s
NoNewPrivileges=yes
ProtectHome=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
`;

/** One that could be anything would be read as more of the configuration. */
function isToken(file: string): string {
  return `{ grep -qxE '[A-Za-z0-9._~+/=-]{16,}' ${file} && test "$(grep -c . ${file})" = 1 || { echo 'the metrics token is to be one word of 16 letters and digits or more' >&2; false; }; }`;
}
