import { isIPv4 } from 'node:net';
import { Type, type Static } from 'typebox';
import { toList } from '../../controller/src/config.ts';
import { MAX_SLOTS, toSlot } from '../../controller/src/net/slot.ts';
import type { TurnPeers, TurnPlan } from '../turn/coturn-config.ts';
import { type HostSettings, toText } from './host.ts';
import { Certificate, NAME, Ssh, strict, VersionedSecret } from './schemas.ts';
import {
  findMissing,
  findSecretProblems,
  findSshProblems,
  isSameMachine,
  secretFromFolder,
  type Section,
  sshFromFolder,
} from './section.ts';
import type { Settings } from './settings.ts';

const ipv4 = (description: string) => Type.String({ pattern: '^[0-9]{1,3}(\\.[0-9]{1,3}){3}$', description });
const port = (description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description }));
const count = (most: number, description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: most, description }));
/** Words of a unit's command. */
const onHost = (description: string) => Type.String({ pattern: '^/[A-Za-z0-9._/@+-]+$', description });

const Tls = Type.Union([
  Type.Object(
    {
      onHost: Type.Object(
        {
          certificate: onHost('With those between it and its root.'),
          key: onHost('`systemctl reload coturn` when they were renewed.'),
        },
        strict,
      ),
    },
    strict,
  ),
  Certificate,
]);

export const Turn = Type.Object(
  {
    ssh: Ssh,
    hosts: Type.Array(Type.String({ pattern: NAME }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Whose desktops it leads to, by their names in `hosts`; one may be on the same machine.',
    }),
    realm: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,126}$', description: 'Its name.' }),
    address: ipv4('Of its machine: where it listens, and what it relays from.'),
    externalAddress: Type.Optional(ipv4('Where browsers see that address, behind a NAT of one to one.')),
    tls: Tls,
    secret: VersionedSecret,
    ports: Type.Optional(
      Type.Object({ plain: port('UDP and TCP; 3478 when left out.'), tls: port('TLS over TCP; 5349 when left out.') }, strict),
    ),
    relayPorts: Type.Optional(
      Type.Object({ min: Type.Integer({ minimum: 1024, maximum: 65_535 }), max: Type.Integer({ minimum: 1024, maximum: 65_535 }) }, strict),
    ),
    quota: Type.Optional(
      Type.Object(
        {
          perViewer: count(1000, 'Allocations of one viewer at a time: a page takes one for each way; 32 when left out.'),
          total: count(100_000, 'Of all; 1200 when left out.'),
          kbps: count(1_000_000, 'Of one allocation, kbit/s; 16000 when left out.'),
        },
        strict,
      ),
    ),
  },
  { ...strict, description: 'secret: what controllers have as ORIEL_TURN_SECRET_FILE. relayPorts: 52000 to 65535 when left out.' },
);
export type TurnSettings = Static<typeof Turn>;

/** coturn on one machine. */
export const turn: Section<TurnSettings> = {
  schema: Turn,
  fromFolder: (entry, at) => ({
    ...entry,
    ssh: sshFromFolder(entry.ssh, at),
    secret: { ...entry.secret, from: secretFromFolder(entry.secret.from, at) },
    ...('certificate' in entry.tls && {
      tls: { ...entry.tls, certificate: at(entry.tls.certificate), key: secretFromFolder(entry.tls.key, at) },
    }),
  }),
  findProblems: (entry, { settings, has }) => [
    ...findSshProblems(entry.ssh),
    ...findSecretProblems('secret', entry.secret.from),
    ...('certificate' in entry.tls
      ? [...findMissing({ 'tls.certificate': entry.tls.certificate }), ...findSecretProblems('tls.key', entry.tls.key)]
      : []),
    ...(['address', 'externalAddress'] as const).flatMap((name) =>
      entry[name] === undefined || isIPv4(entry[name]) ? [] : [`${name}: ${entry[name]} is no IPv4 address`],
    ),
    ...findPortProblems(toTurnPorts(entry)),
    ...entry.hosts.flatMap((name) => {
      const host = settings.hosts[name];
      if (host) return findHostProblems(entry, name, host);
      return has('hosts', name) ? [] : [`hosts: there is no ${name} in hosts`];
    }),
  ],
};

export function toTurnPlan(entry: TurnSettings, settings: Pick<Settings, 'hosts'>): TurnPlan {
  const { realm, address, externalAddress, quota = {} } = entry;
  const { perViewer = 32, total = 1200, kbps = 16_000 } = quota;
  return { realm, address, externalAddress, ...toTurnPorts(entry), peers: toPeers(entry, settings), quota: { perViewer, total, kbps } };
}

function toTurnPorts({ ports = {}, relayPorts = { min: 52_000, max: 65_535 } }: TurnSettings): Pick<TurnPlan, 'ports' | 'relayPorts'> {
  const { plain = 3478, tls = 5349 } = ports;
  return { ports: { plain, tls }, relayPorts };
}

/** Desktops of the same machine are behind their own routers, of others behind their public addresses. */
function toPeers(entry: TurnSettings, { hosts }: Pick<Settings, 'hosts'>): TurnPeers {
  const all = entry.hosts.map((name) => hosts[name]!);
  const here = all.filter((host) => isSameMachine(entry.ssh, host.ssh));
  return {
    hosts: all.filter((host) => !isSameMachine(entry.ssh, host.ssh)).flatMap(toPublicAddresses),
    slots: Math.max(0, ...here.map(({ variables }) => Number(variables.ORIEL_MAX_SESSIONS ?? MAX_SLOTS))),
  };
}

function toPublicAddresses({ variables }: Pick<HostSettings, 'variables'>): string[] {
  return toList(toText(variables.ORIEL_PUBLIC_ADDRESSES ?? '')).filter(isIPv4);
}

/** What a host leads on to desktops is no port for anything else. */
function findPortProblems({ ports, relayPorts: { min, max } }: Pick<TurnPlan, 'ports' | 'relayPorts'>): string[] {
  const [first, last] = [toSlot('oriel', 0).media.portMin, toSlot('oriel', MAX_SLOTS - 1).media.portMax];
  const isIn = (value: number, from: number, to: number) => value >= from && value <= to;
  return [
    ...(ports.plain === ports.tls ? [`ports: plain and tls are both ${ports.tls}`] : []),
    ...(min > max ? [`relayPorts: ${min} to ${max} is none`] : []),
    ...(min <= last && max >= first ? [`relayPorts: ${first} to ${last} are the desktops’`] : []),
    ...Object.entries(ports).flatMap(([name, value]) =>
      isIn(value, first, last) || isIn(value, min, max) ? [`ports.${name}: ${value} is one of the desktops’ or of the relay’s`] : [],
    ),
  ];
}

function findHostProblems(entry: TurnSettings, name: string, host: HostSettings): string[] {
  return [
    ...(isSameMachine(entry.ssh, host.ssh) || toPublicAddresses(host).length > 0
      ? []
      : [`hosts: ${name} is another machine and has no ORIEL_PUBLIC_ADDRESSES, so its desktops cannot be reached`]),
    ...(host.variables.ORIEL_TURN_URLS ? [] : [`hosts: ${name} has no ORIEL_TURN_URLS: nobody would be told of this server`]),
  ];
}
