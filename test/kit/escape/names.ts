import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

const QTYPE = { A: 1, AAAA: 28 } as const;
const NO_SUCH_NAME = 3;

/** A name server of a test, on this host's loopback (RFC 1035): each name has a list of answers, given in turn; each answer is a list of addresses. */
export class NameServer {
  readonly #socket: Socket = createSocket('udp4');
  readonly #names: Record<string, string[][]>;
  /** How often each name's IPv4 addresses were asked for. */
  readonly asked = new Map<string, number>();

  constructor(names: Record<string, string[][]>) {
    this.#names = names;
  }

  async start(): Promise<void> {
    this.#socket.on('message', (query, { port, address }) => this.#socket.send(this.#answer(query), port, address));
    this.#socket.bind(53, '127.0.0.1');
    await once(this.#socket, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(query: Buffer): Buffer {
    const { name, end } = readName(query, 12);
    const type = query.readUInt16BE(end);
    const question = query.subarray(12, end + 4);
    const answers = this.#names[name];
    const addresses = answers && this.#next(name, type, answers).filter((address) => isIPv6(address) === (type === QTYPE.AAAA));
    const header = Buffer.alloc(12);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    header.writeUInt16BE(0x8180 | (answers ? 0 : NO_SUCH_NAME), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses?.length ?? 0, 6);
    return Buffer.concat([header, question, ...(addresses ?? []).map((address) => toRecord(type, address))]);
  }

  #next(name: string, type: number, answers: string[][]): string[] {
    const count = this.asked.get(name) ?? 0;
    if (type === QTYPE.A) this.asked.set(name, count + 1);
    return answers[count % answers.length]!;
  }
}

function readName(query: Buffer, from: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** Its name is the question's; good for no time at all. IPv6 here is always ::ffff:a.b.c.d. */
function toRecord(type: number, address: string): Buffer {
  const v4 = Buffer.from(address.replace('::ffff:', '').split('.').map(Number));
  const data = type === QTYPE.AAAA ? Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), v4]) : v4;
  return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
}
