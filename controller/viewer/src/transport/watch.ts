import { NEWBORN, toLoss, toNextVitals, wantsKeyframe, type Loss, type Vitals } from './health.ts';
import { NO_STATS, toLinkStats, type LinkStats } from './link-stats.ts';
import type { Peer } from './peer.ts';

const LOOK_MS = 250;
/** Two looks: a round trip each half second, so that a dead guest is noticed within 2.5 s. */
const PING_EVERY = 2;
/** Reading the statistics costs the page 1 to 2 ms: each look while there is no picture, then once a second. */
const STATS_EVERY = 4;

/** Looks after a connection from its answer until it is lost or stopped. */
export class Watch {
  readonly #peer: Peer;
  readonly #onPicture: () => void;
  readonly #patience: number;
  readonly #lost = Promise.withResolvers<Loss>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #vitals: Vitals = NEWBORN;
  #seen = { heard: false, frame: false };
  #looks = 0;
  #lookedAt = performance.now();
  #statsAt = performance.now();
  #isLooking = false;

  stats: LinkStats = NO_STATS;
  /** As the guest says. */
  encoderFps = 0;
  hasPicture = false;

  /** `onPicture` is called once, at the first frame. */
  constructor(peer: Peer, patience: number, onPicture: () => void) {
    this.#peer = peer;
    this.#onPicture = onPicture;
    this.#patience = patience;
  }

  /** Resolves with the reason when the connection is to be given up. */
  get lost(): Promise<Loss> {
    return this.#lost.promise;
  }

  /** For how long the guest has been silent. */
  get silentMs(): number {
    return this.#vitals.silentMs;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The page got something from the guest. */
  hear(what: 'message' | 'frame'): void {
    this.#seen.heard = true;
    if (what === 'frame') this.#see();
  }

  /** There was a frame, now or a while ago. */
  #see(): void {
    this.#seen.frame = true;
    if (this.hasPicture) return;
    this.hasPicture = true;
    this.#onPicture();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#looks += 1;
    const { channels, connection } = this.#peer;
    if (this.#looks % PING_EVERY === 0) channels.control({ t: 'ping', at: performance.now() });
    if (!this.hasPicture || this.#looks % STATS_EVERY === 0) await this.#readStats();
    const now = performance.now();
    const look = { ...this.#seen, elapsedMs: now - this.#lookedAt, connection: connection.connectionState, encoderFps: this.encoderFps };
    const after = toNextVitals(this.#vitals, look);
    if (wantsKeyframe(this.#vitals, after)) channels.control({ t: 'keyframe' });
    this.#vitals = after;
    this.#lookedAt = now;
    this.#seen = { heard: false, frame: false };
    this.#isLooking = false;
    const loss = toLoss(after, this.#patience);
    if (loss) this.#lost.resolve(loss);
  }

  async #readStats(): Promise<void> {
    const report = await this.#peer.connection.getStats().catch(() => new Map());
    const now = performance.now();
    const stats = toLinkStats(report.values(), this.stats, now - this.#statsAt);
    this.#statsAt = now;
    // Not heard: it may be a second old. A page in the background knows its frames from here alone.
    if (stats.framesDecoded > this.stats.framesDecoded) this.#see();
    this.stats = stats;
  }
}
