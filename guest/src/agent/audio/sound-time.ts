import { PACKET_MS } from './sound-pipeline.ts';

/** One packet of Opus. `timestamp` is RTP's: 48,000 a second. */
export interface SoundPacket {
  payload: Buffer;
  timestamp: number;
  /** The first after silence (RFC 3551, 4.1). */
  marker: boolean;
}

const TICKS_PER_MS = 48;
/** Further from the clock than what waits in a busy machine: the capture was held up, or has begun anew. */
const ADRIFT_MS = 200;
/** In DTX the encoder gives no more than its first byte, or two: there is nothing to hear (RFC 6716, 3.1). */
const DTX_MAX_BYTES = 2;

/**
 * Gives packets their times: each follows the one before, as the sound server's clock counts, and only where that leaves the machine's clock
 * behind does it jump. Of a silence only the first packet is kept.
 */
export class SoundTime {
  /** RTP ticks, not wrapped. */
  #next: number | undefined;
  #isSilent = true;

  /** Undefined for one that need not be sent. `nowMs` is of any clock that never goes back. */
  stamp(payload: Buffer, nowMs: number): SoundPacket | undefined {
    const now = Math.round(nowMs * TICKS_PER_MS);
    const isAdrift = this.#next === undefined || Math.abs(now - this.#next) > ADRIFT_MS * TICKS_PER_MS;
    const timestamp = isAdrift ? now : this.#next!;
    this.#next = timestamp + PACKET_MS * TICKS_PER_MS;
    const wasSilent = this.#isSilent;
    this.#isSilent = payload.length <= DTX_MAX_BYTES;
    if (wasSilent && this.#isSilent) return undefined;
    return { payload, timestamp: timestamp % 2 ** 32, marker: wasSilent };
  }
}
