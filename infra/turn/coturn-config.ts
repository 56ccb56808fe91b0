import { toSlot } from '../../controller/src/net/slot.ts';

/** What coturn has to know. Nothing of it is a secret. */
export interface TurnPlan {
  realm: string;
  /** Of the host: where coturn listens, and what it relays from. IPv4. */
  address: string;
  /** Where browsers see `address`, behind a NAT of one to one. */
  externalAddress?: string | undefined;
  ports: { plain: number; tls: number };
  /** UDP ports that allocations get; both ends included. */
  relayPorts: { min: number; max: number };
  peers: TurnPeers;
  quota: { perViewer: number; total: number; kbps: number };
}

/** Where desktops' media are. */
export interface TurnPeers {
  /** Public addresses of other hosts of desktops. */
  hosts: readonly string[];
  /** So many slots of a controller on the same host. */
  slots: number;
}

/** Files beside the config. `run`: where nothing outlives coturn: the secrets as it reads them, and what it may read of the certificate. */
export const toRunFiles = (run: string) => ({ db: `${run}/turndb`, certificate: `${run}/certificate.pem`, key: `${run}/key.pem` });

/**
 * What coturn is told (4.6, as Debian 12 and 13 have it). Desktops answer WebRTC and nothing else, so it relays UDP to where their media are:
 * all else is denied here, and by the wall again, which knows ports too (wall.ts).
 */
export function toCoturnConfig({ realm, address, externalAddress, ports, relayPorts, peers, quota }: TurnPlan, run: string): string {
  const { db, certificate, key } = toRunFiles(run);
  return lines(
    '# Made by the stack turn.',
    `listening-ip=${address}`,
    `relay-ip=${address}`,
    ...(externalAddress ? [`external-ip=${externalAddress}/${address}`] : []),
    `listening-port=${ports.plain}`,
    `tls-listening-port=${ports.tls}`,
    `min-port=${relayPorts.min}`,
    `max-port=${relayPorts.max}`,
    `realm=${realm}`,
    `server-name=${realm}`,
    '# Credentials are the controller’s, made with one of the secrets in the database. They can change while it runs.',
    'use-auth-secret',
    `userdb=${db}`,
    'no-auth-pings',
    'stale-nonce=600',
    '# Who has none is answered nothing: it is no STUN server for everybody.',
    'secure-stun',
    `cert=${certificate}`,
    `pkey=${key}`,
    'no-tlsv1',
    'no-tlsv1_1',
    '# Browsers speak TLS over TCP alone.',
    'no-dtls',
    'no-cli',
    'no-rfc5780',
    'no-software-attribute',
    'no-dynamic-realms',
    'no-dynamic-ip-list',
    `user-quota=${quota.perViewer}`,
    `total-quota=${quota.total}`,
    '# Bytes a second, of one allocation.',
    `max-bps=${quota.kbps * 125}`,
    'no-tcp-relay',
    'no-multicast-peers',
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '# What is allowed is looked for first.',
    ...toPeerAddresses(peers).map((peer) => `allowed-peer-ip=${peer}`),
    'log-file=stdout',
    'simple-log',
  );
}

/** A router for each slot, and each other host. */
export function toPeerAddresses({ hosts, slots }: TurnPeers): string[] {
  return [...hosts, ...toSlots(slots).map(({ routerAddress }) => routerAddress)];
}

/** A slot's addresses do not depend on the instance's name. */
export function toSlots(slots: number): ReturnType<typeof toSlot>[] {
  return Array.from({ length: slots }, (_, index) => toSlot('oriel', index));
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
