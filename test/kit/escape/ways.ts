import { PROTOCOL_VERSION } from '#contract/protocol';
import type { Slot } from '../../../controller/src/net/slot.ts';
import { GUEST_MAC } from '../../../controller/src/net/guest-mac.ts';
import { INTERNET } from '../internet.ts';
import type { PageProbe } from './page.ts';
import type { Probe } from './program.ts';

const { hostAddress, serverAddress, serverName } = INTERNET;
const GATEWAY = '192.168.100.1';
export const METADATA = '169.254.169.254';
export const HOST_IPV6 = 'fd00:1::1';

/** Addresses that exist in the test's network namespace alone; nobody's interface has them: what refuses them knows what they are. */
export const INSIDE = ['10.1.2.3', '172.16.1.1', '192.168.1.1', METADATA, '100.100.100.200', '168.63.129.16', '198.18.0.1', '192.0.0.192'];
export const INSIDE_IPV6 = ['fd00:ec2::254'];
/** Ports of everybody, but of those whose ports are their own. */
export const PORTS = {
  echo: 9000,
  web: 8080,
  dns: [53, 443, 853] as number[],
  carelessProxy: 10011,
  carelessEndpoint: 10010,
  carelessWebsocket: 7999,
} as const;

/** Names that the test's name server knows, each with its answers in turn. */
export function toNames(other: Slot): Record<string, string[][]> {
  return {
    'private.example': [['10.1.2.3']],
    'loopback.example': [['127.0.0.1']],
    'mapped.example': [['::ffff:10.1.2.3']],
    'mixed.example': [['10.1.2.3', serverAddress]],
    'rebind.example': [[serverAddress], [METADATA]],
    'own.example': [[hostAddress]],
    'clone.example': [[other.hostAddress]],
    'metadata.google.internal': [[METADATA]],
  };
}

type Ways<T> = [title: string, probe: T][];

/** Past the proxy. `scanned`: how many ports one by one. */
export function toDirectWays(mine: Slot, other: Slot, scanned: number): Ways<Probe> {
  const otherMedia = other.media.portMin + 1;
  return [
    ['the API, by the address of the guest endpoint', tcp(mine.hostAddress, 7080)],
    ['the API, by the public address', tcp(hostAddress, 7080)],
    ['the guest endpoint, past the router', tcp(mine.hostAddress, 10000)],
    ['the egress proxy, past the router', tcp(mine.hostAddress, 10001)],
    ['the host, by the address of the guest endpoint', tcp(mine.hostAddress, PORTS.echo)],
    ['the host, by its public address', tcp(hostAddress, PORTS.echo)],
    ['the host, UDP', udp(mine.hostAddress, PORTS.echo)],
    ['the host, UDP by its public address', udp(hostAddress, PORTS.echo)],
    ['the host, IPv6', tcp(HOST_IPV6, PORTS.echo)],
    ['the host, UDP over IPv6', udp(HOST_IPV6, PORTS.echo)],
    [
      "the host's ports, one by one",
      { kind: 'scan', host: mine.hostAddress, from: PORTS.echo - scanned / 2, to: PORTS.echo + scanned / 2 },
    ],
    ["the router's ports, one by one", { kind: 'scan', host: GATEWAY, from: PORTS.echo - scanned / 2, to: PORTS.echo + scanned / 2 }],
    ['the metadata address', tcp(METADATA, PORTS.echo)],
    ["another clone's guest endpoint", tcp(other.hostAddress, 10000)],
    ["another clone's egress proxy", tcp(other.hostAddress, 10001)],
    ["another clone's websockify", tcp(other.routerAddress, 6080)],
    ["another clone's media", udp(other.routerAddress, otherMedia)],
    ["another clone's media, by the public address", udp(hostAddress, otherMedia)],
    ['a server, past the proxy', tcp(serverAddress, 80)],
    ['a server, UDP', udp(serverAddress, PORTS.echo)],
    ['a server, UDP sent first from the media range', { ...udp(serverAddress, PORTS.echo), fromPort: mine.media.portMin + 2 }],
    ['a private network, past the proxy', tcp('10.1.2.3', PORTS.echo)],
    ['a name server, UDP', udp(serverAddress, 53)],
    ['a name server, TCP', tcp(serverAddress, 53)],
    ['a name server at the gateway', udp(GATEWAY, 53)],
    ['a name server, TLS', tcp(serverAddress, 853)],
    ['a name server, HTTPS', tcp(serverAddress, 443)],
    ['a server, QUIC', udp(serverAddress, 443)],
  ];
}

/** By the proxy, to where no desktop may go: this host, private networks, metadata, another clone, however it is written. */
export function toProxyWays(mine: Slot, other: Slot): Ways<Probe> {
  const written = [
    ...[
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '017700000001',
      '127.0.0.1.',
      '0.0.0.0',
      '0',
      'localhost',
    ],
    ...[
      'LOCALHOST.',
      '１２７.0.0.1',
      '①②⑦.⓪.⓪.①',
      '127。0。0。1',
      '%31%32%37.0.0.1',
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
    ],
    ...[
      ...INSIDE,
      '2852039166',
      '0xA9FEA9FE',
      '0251.0376.0251.0376',
      '169.254.43518',
      '169.254.169.254.',
      '[::ffff:a9fe:a9fe]',
      '１６９.２５４.１６９.２５４',
    ],
    ...['[fd00:ec2::254]', '[::ffff:10.1.2.3]', '167838211', '0xa.0x1.0x2.0x3', '012.1.2.3'],
    ...[hostAddress, mine.hostAddress, other.hostAddress, ...Object.keys(toNames(other)).filter((name) => name !== 'rebind.example')],
  ];
  // Letters that are no ASCII as a client would send them: whoever reads a URL reads them as the digits that they stand for.
  const of = (host: string, port: number = PORTS.web) => `${host.replace(/[^\x20-\x7e]/gu, encodeURIComponent)}:${port}`;
  return [
    ...written.map((host): [string, Probe] => [`CONNECT to ${host}`, { kind: 'connect', target: of(host) }]),
    ...written.map((host): [string, Probe] => [`GET of ${host}`, { kind: 'get', url: `http://${of(host)}/` }]),
    ['CONNECT to the API', { kind: 'connect', target: of('127.0.0.1', 7080) }],
    ["CONNECT to another clone's guest endpoint", { kind: 'connect', target: of(other.hostAddress, 10000) }],
    ["CONNECT to another clone's egress proxy", { kind: 'connect', target: of(other.hostAddress, 10001) }],
    ["CONNECT to another clone's websockify", { kind: 'connect', target: of(other.routerAddress, 6080) }],
    ['CONNECT to its own websockify, from outside', { kind: 'connect', target: of(mine.routerAddress, 6080) }],
    ['a name before an @', { kind: 'get', url: `http://${serverName}@127.0.0.1:${PORTS.web}/` }],
    ['a name that resolves elsewhere the second time', { kind: 'get', url: `http://rebind.example:${PORTS.web}/`, times: 4 }],
    ['a redirect to the metadata address', { kind: 'get', url: `http://${of(serverName)}/redirect` }],
  ];
}

/** Speaking as the agent, with all that a program of the desktop can know: the kernel line. */
export function toAgentWays(machineId: string, otherSecret: string | undefined): Ways<Probe> {
  const hello = { machineId, protocol: PROTOCOL_VERSION, vncSecret: 'x'.repeat(43) };
  const status = { services: [], marks: {}, peers: [] };
  const answer = { peerId: 'p', offerId: 'o', answer: { type: 'answer', sdp: 'v=0\r\n' }, candidates: [] };
  const websocket = (secret?: string, headers?: Record<string, string>): Probe => ({
    kind: 'websocket',
    ...(secret && { secret }),
    ...(headers && { headers }),
  });
  return [
    ["a status without the agent's secret", { kind: 'endpoint', request: 'POST /guest/status', body: status }],
    ["a status with the kernel line's token", { kind: 'endpoint', request: 'POST /guest/status', body: status, secret: 'line' }],
    ["an answer with the kernel line's token", { kind: 'endpoint', request: 'POST /guest/answer', body: answer, secret: 'line' }],
    ["offers, listened to with the kernel line's token", { kind: 'endpoint', request: 'GET /guest/signals?after=0', secret: 'line' }],
    ["a hello with the kernel line's token, again", { kind: 'endpoint', request: 'POST /guest/hello', body: hello, secret: 'line' }],
    ['who it is, asked at the gate again', { kind: 'endpoint', request: 'POST /guest/wake', body: {} }],
    ...(otherSecret
      ? ([
          ["a status with another agent's secret", { kind: 'endpoint', request: 'POST /guest/status', body: status, secret: otherSecret }],
        ] as Ways<Probe>)
      : []),
    ['its VNC, without a secret', websocket()],
    ["its VNC, with the kernel line's token", websocket('line')],
    ['its VNC, as a page would ask', websocket('line', { origin: 'http://127.0.0.1:6080' })],
  ];
}

/** As somebody without rights. Root, who has them, can do each; and undoes it. */
export const RIGHTS: [title: string, command: string, undo?: string][] = [
  ['a raw socket', perl('2, 3, 1')],
  ['a packet socket', perl('17, 3, 768')],
  ["the agent's secret, in its file", 'cat /run/oriel/private/agent-secret'],
  ["VNC's secret, in its file", 'cat /run/oriel/private/vnc-secret'],
  ["the agent's memory", 'exec 3</proc/$(pgrep -f agent.mjs | head -1)/mem'],
  ["the agent's environment", 'cat /proc/$(pgrep -f agent.mjs | head -1)/environ'],
  ["VNC's own socket", `perl -MSocket -e 'socket(S, 1, 1, 0); connect(S, pack_sockaddr_un("/run/oriel/vnc/socket")) or exit 1'`],
  ['another Ethernet address', 'ip link set dev eth0 address 02:00:00:00:66:66', `ip link set dev eth0 address ${GUEST_MAC}`],
  ['another address', 'ip address add 10.9.9.9/32 dev eth0', 'ip address delete 10.9.9.9/32 dev eth0'],
  ['rules of its own', 'perl -e \'socket(S, 16, 3, 12) or exit 1; bind(S, pack("S S L L", 16, 0, 0, 0)) or exit 1\''],
];

/** A page in the desktop's own browser. What a peer is sent has the mark in it. */
export function toPageWays(mine: Slot, toMark: (way: number) => string, isCareless: boolean): Ways<PageProbe> {
  const port = isCareless ? PORTS.carelessWebsocket : 6080;
  return [
    ['a page: a WebSocket to VNC on loopback', { kind: 'websocket', url: `ws://127.0.0.1:${port}/websockify` }],
    ["a page: a WebSocket to VNC at the clone's address", { kind: 'websocket', url: `ws://192.168.100.2:${port}/websockify` }],
    ['a page: the metadata address by its proxy', { kind: 'fetch', url: `http://${METADATA}:${PORTS.web}/` }],
    ["a page: WebRTC to the host's port", { kind: 'peer', transport: 'udp', host: mine.hostAddress, port: PORTS.echo, mark: toMark(3) }],
    ["a page: WebRTC to the host's public port", { kind: 'peer', transport: 'udp', host: hostAddress, port: PORTS.echo, mark: toMark(4) }],
    [
      "a page: WebRTC over TCP to the host's port",
      { kind: 'peer', transport: 'tcp', host: mine.hostAddress, port: PORTS.web, mark: toMark(5) },
    ],
  ];
}

function tcp(host: string, port: number): Probe {
  return { kind: 'tcp', host, port };
}

function udp(host: string, port: number): Probe & { kind: 'udp' } {
  return { kind: 'udp', host, port };
}

function perl(socket: string): string {
  return `perl -e 'socket(S, ${socket}) or exit 1'`;
}
