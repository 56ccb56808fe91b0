import type { WallClass } from '../../../controller/src/net/wall.ts';
import { GATEWAY_MAC, GUEST_MAC } from '../../../controller/src/net/guest-mac.ts';
import type { Slot } from '../../../controller/src/net/slot.ts';
import { ACK, toArpReply, toEcho, toFrame, toIpv4, toIpv6, toTcp, toUdp, toVlan } from './frames.ts';

/** Something that only root of the guest's network namespace can send, which is where a machine that was broken out of would be. */
export interface FrameWay {
  title: string;
  /** The text is in what could come out. */
  frames: (text: string) => Buffer[];
  /** What the wall counts it as. */
  refused: WallClass;
}

export const EVIL_MAC = '02:00:00:00:66:66';
const GUEST = '192.168.100.2';
const LINK = { from: GUEST_MAC, to: GATEWAY_MAC };
const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, gre: 47, esp: 50, icmpv6: 58, sctp: 132 } as const;
export const GUEST_IPV6 = 'fd00:2::2';
export const HOST_IPV6 = 'fd00:1::1';

/** `host` is an address of the host, `port` one at which it answers. */
export function planFrameWays(mine: Slot, other: Slot, host: string, port: number): FrameWay[] {
  const udp = (mark: string, from = 4000, to = port) => toUdp(from, to, Buffer.from(`${mark} `));
  const ipv4 = (payload: Buffer, protocol: number, { from = GUEST, to = host } = {}) => toIpv4({ from, to, protocol, payload });
  const send = (packet: Buffer) => [toFrame(LINK, 'ipv4', packet)];
  const spoof = (from: string) => (mark: string) => send(ipv4(udp(mark), PROTOCOL.udp, { from }));
  const plain = (name: keyof typeof PROTOCOL) => (mark: string) => send(ipv4(Buffer.from(`\0\0\0\0${mark} `), PROTOCOL[name]));
  const ends = { from: GUEST, to: host };
  return [
    { title: 'a UDP datagram by a raw socket', refused: 'udp', frames: (mark) => send(ipv4(udp(mark), PROTOCOL.udp)) },
    {
      title: 'a TCP SYN with data by a raw socket',
      refused: 'tcp',
      frames: (mark) => send(ipv4(toTcp(ends, 4001, port, Buffer.from(mark)), PROTOCOL.tcp)),
    },
    {
      title: 'TCP in the middle of a connection that never began',
      refused: 'tcp',
      frames: (mark) => send(ipv4(toTcp(ends, 4002, port, Buffer.from(mark), ACK), PROTOCOL.tcp)),
    },
    { title: 'an ICMP echo', refused: 'icmp', frames: (mark) => send(ipv4(toEcho(Buffer.from(mark)), PROTOCOL.icmp)) },
    {
      title: 'an ICMP echo to another clone',
      refused: 'icmp',
      frames: (mark) => send(ipv4(toEcho(Buffer.from(mark)), PROTOCOL.icmp, { to: other.routerAddress })),
    },
    {
      title: 'a UDP datagram in fragments',
      refused: 'udp',
      frames: (mark) => toFragments(ends, PROTOCOL.udp, udp(`${mark} ${mark}`), 16, 77),
    },
    {
      title: 'a TCP header torn in two by fragments',
      refused: 'tcp',
      frames: (mark) => toFragments(ends, PROTOCOL.tcp, toTcp(ends, 4003, port, Buffer.from(mark)), 8, 78),
    },
    {
      title: 'from the media range, before anybody came in',
      refused: 'udp',
      frames: (mark) => send(ipv4(udp(mark, mine.media.portMin), PROTOCOL.udp)),
    },
    {
      title: "from the media range to another clone's",
      refused: 'udp',
      frames: (mark) => send(ipv4(udp(mark, mine.media.portMin, other.media.portMin), PROTOCOL.udp, { to: other.routerAddress })),
    },
    { title: "a source address of another clone's", refused: 'spoofed', frames: spoof(other.routerAddress) },
    { title: 'a source address of a private network', refused: 'spoofed', frames: spoof('10.9.9.9') },
    { title: 'a source address of the internet', refused: 'spoofed', frames: spoof('198.51.100.7') },
    {
      title: 'an Ethernet address of its own making',
      refused: 'spoofed',
      frames: (mark) => [toFrame({ ...LINK, from: EVIL_MAC }, 'ipv4', ipv4(udp(mark), PROTOCOL.udp))],
    },
    {
      title: 'IPv4 behind a VLAN tag',
      refused: 'foreign',
      frames: (mark) => [toFrame(LINK, 'vlan', toVlan(0, 'ipv4', ipv4(udp(mark), PROTOCOL.udp)))],
    },
    {
      title: 'an IPv6 datagram',
      refused: 'foreign',
      frames: (mark) => [toFrame(LINK, 'ipv6', toIpv6(GUEST_IPV6, HOST_IPV6, PROTOCOL.udp, udp(mark)))],
    },
    { title: 'SCTP', refused: 'other', frames: plain('sctp') },
    { title: 'GRE', refused: 'other', frames: plain('gre') },
    { title: 'ESP', refused: 'other', frames: plain('esp') },
    {
      title: 'IPv4 within IPv4',
      refused: 'other',
      frames: (mark) => send(ipv4(ipv4(udp(mark), PROTOCOL.udp), PROTOCOL.ipip)),
    },
  ];
}

/** What would make the router send the guest's packets to somebody else, who is not there. */
export function toArpLies(): Buffer[] {
  const lie = toArpReply(EVIL_MAC, GUEST, { mac: GATEWAY_MAC, ip: '192.168.100.1' });
  return [toFrame(LINK, 'arp', lie), toFrame({ ...LINK, from: EVIL_MAC }, 'arp', lie)];
}

function toFragments(ends: { from: string; to: string }, protocol: number, whole: Buffer, cut: number, id: number): Buffer[] {
  const parts = [
    { payload: whole.subarray(0, cut), fragment: { id, offset: 0, more: true } },
    { payload: whole.subarray(cut), fragment: { id, offset: cut, more: false } },
  ];
  return parts.map((part) => toFrame(LINK, 'ipv4', toIpv4({ ...ends, protocol, ...part })));
}
