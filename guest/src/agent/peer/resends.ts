import type { RtpPacket } from 'werift';

/** werift keeps 128, which one large frame can fill: what is asked for after that would be gone. */
const KEPT = 2048;

interface Entry {
  packet: RtpPacket;
  /** Undefined while it waits to be sent again. */
  sentMs: number | undefined;
}

/** Packets that a viewer may ask for again (NACK), by sequence number. */
export class Resends {
  readonly #entries = new Array<Entry | undefined>(KEPT);

  /** It was sent, for the first time or again. */
  sent(packet: RtpPacket, sentMs: number): void {
    this.#entries[packet.header.sequenceNumber % KEPT] = { packet, sentMs };
  }

  /**
   * Those of `wanted` that are there and were not sent within the last `onTheWayMs`: viewers ask again while the answer is on its
   * way, and a full link would be filled with what it carries already.
   */
  take(wanted: readonly number[], onTheWayMs: number, nowMs: number): RtpPacket[] {
    return wanted.flatMap((number) => {
      const entry = this.#entries[number % KEPT];
      const isThere = entry?.packet.header.sequenceNumber === number;
      if (!isThere || entry.sentMs === undefined || nowMs - entry.sentMs < onTheWayMs) return [];
      entry.sentMs = undefined;
      return [entry.packet];
    });
  }
}
