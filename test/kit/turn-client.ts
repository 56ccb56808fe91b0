import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/*
 * As much of TURN over UDP as somebody needs who wants to reach what he should not (RFC 8656): an allocation, permissions, and data.
 */
const MAGIC = 0x2112_a442;
const TYPES = { allocate: 0x0003, permit: 0x0008, send: 0x0016 } as const;
const ATTRIBUTES = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
} as const;
const ANSWER_MS = 5_000;

export interface TurnUser {
  username: string;
  credential: string;
}

/** One allocation at a server. Each question gives the answer’s error code, or 0. */
export class TurnClient {
  readonly #socket: Socket = createSocket('udp4');
  readonly #server: { address: string; port: number };
  readonly #user: TurnUser;
  #realm = '';
  #nonce = '';

  constructor(server: { address: string; port: number }, user: TurnUser) {
    this.#server = server;
    this.#user = user;
  }

  /** What a server says to somebody with this credential. */
  async allocate(): Promise<number> {
    const transport = attribute(ATTRIBUTES.transport, Buffer.from([17, 0, 0, 0]));
    const first = await this.#ask(TYPES.allocate, [transport]);
    this.#realm = text(first, ATTRIBUTES.realm);
    this.#nonce = text(first, ATTRIBUTES.nonce);
    return toError(await this.#ask(TYPES.allocate, [transport], true));
  }

  async permit(address: string): Promise<number> {
    return toError(await this.#ask(TYPES.permit, [attribute(ATTRIBUTES.peer, toPeer(address, 0))], true));
  }

  /** Nothing is answered. */
  send(address: string, port: number, data: string): void {
    const attributes = [attribute(ATTRIBUTES.peer, toPeer(address, port)), attribute(ATTRIBUTES.data, Buffer.from(data))];
    this.#socket.send(toMessage(TYPES.send, randomBytes(12), attributes), this.#server.port, this.#server.address);
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(type: number, attributes: Buffer[], signed = false): Promise<Map<number, Buffer>> {
    const id = randomBytes(12);
    const message = signed ? this.#sign(type, id, attributes) : toMessage(type, id, attributes);
    const signal = AbortSignal.timeout(ANSWER_MS);
    this.#socket.send(message, this.#server.port, this.#server.address);
    for (;;) {
      const [answer] = (await once(this.#socket, 'message', { signal })) as [Buffer];
      if (answer.subarray(8, 20).equals(id)) return toAttributes(answer);
    }
  }

  #sign(type: number, id: Buffer, attributes: Buffer[]): Buffer {
    const { username, credential } = this.#user;
    const known = { [ATTRIBUTES.username]: username, [ATTRIBUTES.realm]: this.#realm, [ATTRIBUTES.nonce]: this.#nonce };
    const all = [...attributes, ...Object.entries(known).map(([name, value]) => attribute(Number(name), Buffer.from(value)))];
    const key = createHash('md5').update(`${username}:${this.#realm}:${credential}`).digest();
    // The length that is signed has the signature in it.
    const unsigned = toMessage(type, id, [...all, attribute(ATTRIBUTES.integrity, Buffer.alloc(20))]).subarray(0, -24);
    return Buffer.concat([unsigned, attribute(ATTRIBUTES.integrity, createHmac('sha1', key).update(unsigned).digest())]);
  }
}

function toMessage(type: number, id: Buffer, attributes: Buffer[]): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(MAGIC, 4);
  return Buffer.concat([head, id, body]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** An XOR-PEER-ADDRESS. */
function toPeer(address: string, port: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeUInt8(1, 1);
  value.writeUInt16BE(port ^ (MAGIC >>> 16), 2);
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  value.writeUInt32BE((bits ^ MAGIC) >>> 0, 4);
  return value;
}

function toAttributes(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length;) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)];
    found.set(type, message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

function text(attributes: Map<number, Buffer>, type: number): string {
  return attributes.get(type)?.toString() ?? '';
}

function toError(attributes: Map<number, Buffer>): number {
  const value = attributes.get(ATTRIBUTES.error);
  return value ? value[2]! * 100 + value[3]! : 0;
}
