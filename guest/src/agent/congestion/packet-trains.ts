import type { PacketResult } from './sent-packets.ts';

/** What one train says of the link: it carried `kbps`, and whether it could have carried more. */
export interface TrainMeasure {
  kbps: number;
  isSaturated: boolean;
  packets: number;
}

type Arrived = PacketResult & { arrivalMs: number };

const LEAST_PACKETS = 5;
/** A longer one is measured in pieces. */
const MOST_PACKETS = 40;
/** Less is not told apart: the viewer's clock has steps of a quarter millisecond. */
const LEAST_SPAN_MS = 0.5;
const SATURATED = 0.9;

/**
 * Measures the link by frames: the packets of a large one leave as fast as the pacer lets them, so that they arrive as fast as the link
 * carries them. What other senders do by probes of padding, a screen that changes does by itself.
 */
export class PacketTrains {
  #train: Arrived[] = [];

  add(packet: Arrived): TrainMeasure | undefined {
    const measure = this.#isOver(packet) ? this.#finish() : undefined;
    this.#train.push(packet);
    return measure;
  }

  /** The viewer has told all that it had: a train that is long enough counts as it is. */
  flush(): TrainMeasure | undefined {
    return this.#train.length >= LEAST_PACKETS ? this.#finish() : undefined;
  }

  #isOver({ train }: Arrived): boolean {
    return this.#train.length >= MOST_PACKETS || (this.#train.length > 0 && this.#train[0]!.train !== train);
  }

  #finish(): TrainMeasure | undefined {
    const train = this.#train;
    this.#train = [];
    return train.length < LEAST_PACKETS ? undefined : toMeasure(train);
  }
}

function toMeasure(train: readonly Arrived[]): TrainMeasure {
  const bits = 8 * train.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  const [first, last] = [train[0]!, train.at(-1)!];
  const arrivedKbps = bits / Math.max(LEAST_SPAN_MS, last.arrivalMs - first.arrivalMs);
  const sentKbps = bits / Math.max(LEAST_SPAN_MS, last.sentMs - first.sentMs);
  return { kbps: Math.min(arrivedKbps, sentKbps), isSaturated: arrivedKbps < SATURATED * sentKbps, packets: train.length };
}
