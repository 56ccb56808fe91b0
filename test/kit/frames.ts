import { fc } from './fuzz.ts';

/** A WebSocket frame, right or wrong (RFC 6455, 5.2). */
export interface Frame {
  fin: boolean;
  /** Of extensions that nobody has agreed upon, 0 to 7. */
  reserved: number;
  opcode: number;
  masked: boolean;
  payload: Uint8Array;
  /** Said in the place of the payload's length. */
  length?: number;
}

export const CLOSE = 8;

export function toBytes({ fin, reserved, opcode, masked, payload, length = payload.length }: Frame): Buffer {
  const mask = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  if (length < 126) head.push(mask | length);
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 0xff);
  else head.push(mask | 127, ...toBigEndian(length));
  const key = [1, 2, 3, 4];
  const body = masked ? payload.map((byte, index) => byte ^ key[index % 4]!) : payload;
  return Buffer.concat([Buffer.from(head), Buffer.from(masked ? key : []), body]);
}

/** Frames as no WebSocket sends them, and some as all do. `masked`: as this side has to. */
export function toFrames(masked: boolean): fc.Arbitrary<Frame> {
  const frame = {
    fin: fc.boolean(),
    reserved: mostly(0, fc.nat(7)),
    opcode: fc.oneof(fc.constantFrom(0, 1, 2, CLOSE, 9, 10), fc.nat(15)),
    masked: mostly(masked, fc.boolean()),
    payload: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...CLOSE_CODES), fc.constant(new Uint8Array(70_000))),
    length: fc.constantFrom(0, 125, 126, 65_535, 2 ** 20 + 1, 2 ** 31, 2 ** 53 - 1, 2 ** 63),
  };
  return fc.record(frame, { requiredKeys: ['fin', 'reserved', 'opcode', 'masked', 'payload'] });
}

/** Payloads of a close: codes that may be sent, that may not, and no text after one. */
const CLOSE_CODES = [0, 999, 1000, 1001, 1004, 1005, 1006, 1015, 2999, 3000, 4999, 5000, 65_535]
  .map((code) => Uint8Array.of(code >> 8, code & 0xff))
  .concat(Uint8Array.of(3), Uint8Array.of(3, 232, 0xff, 0xfe));

function mostly<T>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
}

function toBigEndian(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}
