/** What oriel-capture says: see guest/native/src/protocol.h. Times are milliseconds of CLOCK_MONOTONIC, as `process.hrtime` has them. */
export type CaptureRecord =
  | ({ type: 'display'; at: number } & Size)
  | ({ type: 'frame' } & Frame)
  | ({ type: 'cursor' } & CursorShape)
  /** A program has the clipboard now. */
  | { type: 'copied' }
  | { type: 'refused'; message: string };

export interface Size {
  width: number;
  height: number;
}

export interface Frame extends Size {
  /** One whole VP8 frame. */
  data: Buffer;
  key: boolean;
  /** The screen has not changed since the last frame: this one only sharpens it. */
  followUp: boolean;
  /** When grabbing began. */
  at: number;
  /** From `at` to the encoded frame, ms. */
  workMs: number;
  /** Counts from 1 without gaps. */
  number: number;
}

export interface CursorShape extends Size {
  /** B, G, R, A; colours multiplied by alpha. */
  pixels: Buffer;
  hotX: number;
  hotY: number;
  /** The X server's; equal serials are equal shapes. */
  serial: number;
  at: number;
}

/** The bytes are no records, or not of this version. */
export class RecordsBroken extends Error {
  override readonly name = 'RecordsBroken';
}

const HEADER_BYTES = 32;
const MAGIC = 0x4c4f;
/** A frame of 3840 × 2160 is at most some megabytes: what says more is not a header. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Puts records together from chunks that are cut anywhere. */
export class RecordReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the next step needs: a header, or a header and its payload. */
  #needed = HEADER_BYTES;

  /** The records that this chunk completes. Throws RecordsBroken; the reader is of no use after that. */
  read(chunk: Buffer): CaptureRecord[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const records: CaptureRecord[] = [];
    while (this.#bytes >= this.#needed) {
      const all = this.#join();
      this.#needed = HEADER_BYTES + toLength(all);
      if (all.length < this.#needed) break;
      records.push(toRecord(all.subarray(0, this.#needed)));
      this.#keep(all.subarray(this.#needed));
    }
    return records;
  }

  #join(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest];
    this.#bytes = rest.length;
    this.#needed = HEADER_BYTES;
  }
}

function toLength(header: Buffer): number {
  const length = header.readUInt32LE(4);
  if (header.readUInt16LE(0) !== MAGIC || length > MOST_BYTES)
    throw new RecordsBroken(`no record begins with ${header.toString('hex', 0, HEADER_BYTES)}`);
  return length;
}

function toRecord(bytes: Buffer): CaptureRecord {
  const payload = bytes.subarray(HEADER_BYTES);
  const flags = bytes.readUInt8(3);
  const at = Number(bytes.readBigUInt64LE(8)) / 1000;
  const size = { width: bytes.readUInt16LE(16), height: bytes.readUInt16LE(18) };
  const number = bytes.readUInt32LE(24);
  switch (bytes.readUInt8(2)) {
    case 1:
      return { type: 'display', at, ...size };
    case 2: {
      const workMs = bytes.readUInt32LE(28) / 1000;
      return { type: 'frame', data: payload, key: (flags & 1) !== 0, followUp: (flags & 2) !== 0, at, workMs, number, ...size };
    }
    case 3: {
      const hotSpot = { hotX: bytes.readUInt16LE(20), hotY: bytes.readUInt16LE(22) };
      return { type: 'cursor', pixels: payload, serial: number, at, ...hotSpot, ...size };
    }
    case 4:
      return { type: 'refused', message: payload.toString('latin1') };
    case 5:
      return { type: 'copied' };
    default:
      throw new RecordsBroken(`unknown type of record: ${bytes.readUInt8(2)}`);
  }
}
