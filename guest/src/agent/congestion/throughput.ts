const WINDOW_MS = 400;
/** Of less no rate is made. */
const LEAST_MS = 40;

/** What arrives, as a rate over the last moments of the viewer's clock: the acknowledged bit rate. */
export class Throughput {
  #arrivals: { atMs: number; bytes: number }[] = [];

  add(atMs: number, bytes: number): void {
    this.#arrivals.push({ atMs, bytes });
    const since = atMs - WINDOW_MS;
    while (this.#arrivals[0]!.atMs < since || this.#arrivals[0]!.atMs > atMs + WINDOW_MS) this.#arrivals.shift();
  }

  /** Kbit/s of the time in which something came; undefined while that is too short. */
  get kbps(): number | undefined {
    const [first, last] = [this.#arrivals[0], this.#arrivals.at(-1)];
    if (!first || !last || last.atMs - first.atMs < LEAST_MS) return undefined;
    const bytes = this.#arrivals.reduce((sum, arrival) => sum + arrival.bytes, -first.bytes);
    return (bytes * 8) / (last.atMs - first.atMs);
  }

  /** The viewer's clock or the link began anew. */
  clear(): void {
    this.#arrivals = [];
  }
}
