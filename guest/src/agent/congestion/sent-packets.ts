import type { Feedback } from './feedback.ts';

export interface SentPacket {
  sentMs: number;
  bytes: number;
  /** Packets of one number were sent without a pause for want of data. */
  train: number;
}

export interface PacketResult extends SentPacket {
  /** Ms of the viewer's clock; undefined: lost, or not there yet. */
  arrivalMs: number | undefined;
}

interface Entry extends SentPacket {
  number: number;
  isReported: boolean;
}

const CYCLE = 0x10000;
/** More than 10 s of 10 Mbit/s. */
const KEPT = 8192;

/** What was sent, by transport-wide sequence number, until the viewer has told what became of it. */
export class SentPackets {
  readonly #entries = new Array<Entry | undefined>(KEPT);
  /** Not cut to 16 bits. */
  #next = 0;
  #newestReported = -1;
  /** Of all that is newer than the newest that was told of. */
  inFlightBytes = 0;
  /** When the newest was sent of which the viewer once said that it was not there. */
  newestMissingMs = -Infinity;

  /** Gives the packet its number for the wire. */
  add(packet: SentPacket): number {
    const number = this.#next++;
    const forgotten = this.#entries[number % KEPT];
    if (forgotten && forgotten.number > this.#newestReported) this.inFlightBytes -= forgotten.bytes;
    this.#entries[number % KEPT] = { ...packet, number, isReported: false };
    this.inFlightBytes += packet.bytes;
    return number % CYCLE;
  }

  /** What the viewer says, put beside what was sent; each arrival once. Numbers that were never sent are left out. */
  take({ base, arrivals }: Feedback): PacketResult[] {
    const first = this.#unwrap(base);
    const results = arrivals.flatMap((arrivalMs, index) => this.#result(first + index, arrivalMs));
    this.#settle(Math.min(first + arrivals.length, this.#next) - 1);
    return results;
  }

  #result(number: number, arrivalMs: number | undefined): PacketResult[] {
    const entry = this.#entries[((number % KEPT) + KEPT) % KEPT];
    if (entry?.number !== number || entry.isReported) return [];
    entry.isReported = arrivalMs !== undefined;
    const { sentMs, bytes, train } = entry;
    if (arrivalMs === undefined) this.newestMissingMs = Math.max(this.newestMissingMs, sentMs);
    return [{ sentMs, bytes, train, arrivalMs }];
  }

  #settle(newest: number): void {
    for (let number = this.#newestReported + 1; number <= newest; number++) {
      const entry = this.#entries[number % KEPT];
      if (entry?.number === number) this.inFlightBytes -= entry.bytes;
    }
    this.#newestReported = Math.max(this.#newestReported, newest);
    if (this.#newestReported === this.#next - 1) this.inFlightBytes = 0;
  }

  /** The newest number that was sent and has these lowest 16 bits. */
  #unwrap(wire: number): number {
    const last = this.#next - 1;
    return last - ((((last - wire) % CYCLE) + CYCLE) % CYCLE);
  }
}
