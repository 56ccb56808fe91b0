/** Ethernet frames by hand (RFC 791, 768, 9293, 792, 826, 8200; IEEE 802.1Q), for what no socket of a guest would send. */

const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;
const ICMP_ECHO = 8;
const SYN = 0x02;
export const ACK = 0x10;

export interface Ipv4 {
  from: string;
  to: string;
  protocol: number;
  payload: Buffer;
  /** Of a fragment: identification, offset in bytes, and whether more follow. */
  fragment?: { id: number; offset: number; more: boolean };
}

export function toFrame({ from, to }: { from: string; to: string }, type: keyof typeof ETHERTYPE, payload: Buffer): Buffer {
  return Buffer.concat([toMac(to), toMac(from), toBe16(ETHERTYPE[type]), payload]);
}

/** A tag before the true type. Tag 0 has a priority and no network: whoever knows no tags takes what is in it as its own. */
export function toVlan(tag: number, type: keyof typeof ETHERTYPE, payload: Buffer): Buffer {
  return Buffer.concat([toBe16(tag), toBe16(ETHERTYPE[type]), payload]);
}

export function toIpv4({ from, to, protocol, payload, fragment }: Ipv4): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(fragment?.id ?? 1, 4);
  header.writeUInt16BE((fragment?.more ? 0x2000 : 0) | ((fragment?.offset ?? 0) >> 3), 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  toIpv4Address(from).copy(header, 12);
  toIpv4Address(to).copy(header, 16);
  header.writeUInt16BE(toChecksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** Without a checksum, which UDP over IPv4 may lack; over IPv6 nobody is to take it. */
export function toUdp(from: number, to: number, payload: Buffer): Buffer {
  return Buffer.concat([toBe16(from), toBe16(to), toBe16(8 + payload.length), toBe16(0), payload]);
}

/** A SYN unless other flags are given, with a payload. */
export function toTcp(ends: { from: string; to: string }, from: number, to: number, payload: Buffer, flags = SYN): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt32BE(1, 4);
  header.writeUInt32BE(flags === SYN ? 0 : 1, 8);
  header.writeUInt8(0x50, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(0xffff, 14);
  const pseudo = Buffer.concat([toIpv4Address(ends.from), toIpv4Address(ends.to), toBe16(6), toBe16(20 + payload.length)]);
  header.writeUInt16BE(toChecksum(Buffer.concat([pseudo, header, payload])), 16);
  return Buffer.concat([header, payload]);
}

export function toEcho(payload: Buffer): Buffer {
  const header = Buffer.from([ICMP_ECHO, 0, 0, 0, 0, 7, 0, 1]);
  header.writeUInt16BE(toChecksum(Buffer.concat([header, payload])), 2);
  return Buffer.concat([header, payload]);
}

export function toIpv6(from: string, to: string, next: number, payload: Buffer): Buffer {
  const header = Buffer.from([0x60, 0, 0, 0, payload.length >> 8, payload.length & 255, next, 64]);
  return Buffer.concat([header, toIpv6Address(from), toIpv6Address(to), payload]);
}

/** `mac` says that it has the address `ip`. */
export function toArpReply(mac: string, ip: string, to: { mac: string; ip: string }): Buffer {
  const fixed = Buffer.from([0, 1, 8, 0, 6, 4, 0, 2]);
  return Buffer.concat([fixed, toMac(mac), toIpv4Address(ip), toMac(to.mac), toIpv4Address(to.ip)]);
}

function toMac(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function toIpv4Address(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

/** With at most one `::`. */
function toIpv6Address(text: string): Buffer {
  const [head = [], tail = []] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.concat(groups.map((group) => toBe16(parseInt(group, 16))));
}

function toBe16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** RFC 1071. */
function toChecksum(data: Buffer): number {
  const even = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)]);
  let sum = 0;
  for (let at = 0; at < even.length; at += 2) sum += even.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
