import { isLoopback } from '../../controller/src/config.ts';
import { toUrlHost } from '../../controller/src/net/url-host.ts';
import { Type, type Static } from 'typebox';
import { toControllerAddress } from './host.ts';
import { NAME, Ssh, strict } from './schemas.ts';
import { findSshProblems, isSameMachine, sshFromFolder, type Section } from './section.ts';
import type { Settings } from './settings.ts';

const TARGET = '^[A-Za-z0-9.:-]+:[0-9]{1,5}$';

export const Monitoring = Type.Object(
  {
    ssh: Ssh,
    hosts: Type.Array(Type.String({ pattern: NAME }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Whose controllers are watched, by their names in `hosts`.',
    }),
    nodes: Type.Optional(
      Type.Array(Type.String({ pattern: TARGET }), {
        uniqueItems: true,
        description: 'Node exporters of other machines; the one of its own is watched always.',
      }),
    ),
    alertmanagers: Type.Optional(
      Type.Array(Type.String({ pattern: TARGET }), { uniqueItems: true, description: 'Who is told of alerts.' }),
    ),
    retentionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, description: '15 when left out.' })),
    grafana: Type.Optional(
      Type.Boolean({ description: 'The dashboard and this Prometheus are put where a Grafana on the same machine provisions from.' }),
    ),
  },
  strict,
);
export type MonitoringSettings = Static<typeof Monitoring>;

/** Prometheus and a node exporter on one machine. */
export const monitoring: Section<MonitoringSettings> = {
  schema: Monitoring,
  fromFolder: (entry, at) => ({ ...entry, ssh: sshFromFolder(entry.ssh, at) }),
  findProblems: (entry, { settings, has, isWhole }) => [
    ...findSshProblems(entry.ssh),
    ...entry.hosts.flatMap((name) => {
      if (!settings.hosts[name]) return has('hosts', name) ? [] : [`hosts: there is no ${name} in hosts`];
      return findWay(entry, name, settings) || !isWhole('edge')
        ? []
        : [`hosts: the controller of ${name} is at loopback on another machine, and no edge in front of it has a metricsToken`];
    }),
  ],
};

/** How a Prometheus reaches a controller's /metrics. `edge`: the entry that asks for its token. */
export interface Way {
  target: string;
  edge?: string;
}

/** On its own machine by loopback, elsewhere by an edge, or straight where it listens for others. */
export function findWay({ ssh }: Pick<MonitoringSettings, 'ssh'>, name: string, { hosts, edge }: Settings): Way | undefined {
  const host = hosts[name]!;
  const { address, port } = toControllerAddress(host);
  if (isSameMachine(ssh, host.ssh)) return { target: `${toUrlHost(['0.0.0.0', '::'].includes(address) ? '127.0.0.1' : address)}:${port}` };
  if (!isLoopback(address)) return { target: `${host.ssh.address}:${port}` };
  const found = Object.entries(edge).find(([, entry]) => entry.host === name && (entry.metricsToken ?? entry.open?.includes('metrics')));
  return found && { target: `${found[1].names[0]}:443`, edge: found[0] };
}
