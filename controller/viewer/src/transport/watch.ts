import { NEWBORN, toLoss, toNextVitals, wantsKeyframe, type Loss, type Vitals } from './health.ts';
import { NO_STATS, toLinkStats, type LinkStats } from './link-stats.ts';
import type { Peer } from './peer.ts';

const LOOK_MS = 250;
/** Two looks: a round trip each half second, so that a dead guest is noticed within 2.5 s. */
const PING_EVERY = 2;
/** Reading the statistics costs the page 1 to 2 ms: each look while there is no picture, then once a second. */
const STATS_EVERY = 4;
/** How long the answer to a question may take that is asked for a reason. */
const PROBE_MS = 800;
/** How long at most a way that was just agreed on may take to lead anywhere; less where the browser says that it is lost (health.ts). */
const MENDED_MS = 4000;
/** A look that comes so late says that page or machine slept. */
const SLEPT_MS = 5000;

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
  #heard = 0;
  #probe: ReturnType<typeof setTimeout> | undefined;

  stats: LinkStats = NO_STATS;
  /** As the guest says. */
  encoderFps = 0;
  hasPicture = false;

  /** `onPicture` is called once, at the first frame. `before`: what looked after it until its way was lost. */
  constructor(peer: Peer, patience: number, onPicture: () => void, before?: Watch) {
    this.#peer = peer;
    this.#onPicture = onPicture;
    this.#patience = patience;
    if (!before) return;
    // The connection is the same: its counters go on.
    [this.hasPicture, this.stats, this.#statsAt] = [before.hasPicture, before.stats, before.#statsAt];
    this.#probe = setTimeout(() => this.#judge(0), MENDED_MS * patience);
  }

  /** Resolves with the reason when the connection, or the way that it took, is lost. */
  get lost(): Promise<Loss> {
    return this.#lost.promise;
  }

  /** For how long the guest has been silent. */
  get silentMs(): number {
    return this.#vitals.silentMs;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#peer.connection.addEventListener('iceconnectionstatechange', this.#followIce);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#probe);
    this.#peer.connection.removeEventListener('iceconnectionstatechange', this.#followIce);
  }

  /** The guest has been heard since the connection was made, or made anew. */
  get hasHeard(): boolean {
    return this.#heard > 0;
  }

  /** Something happened that may have cost the way to the guest: one that does not answer soon is lost. */
  probe(): void {
    const heard = this.#heard;
    if (heard === 0 || this.#probe) return;
    this.#peer.channels.control({ t: 'ping', at: performance.now() });
    this.#probe = setTimeout(() => this.#judge(heard), PROBE_MS * this.#patience);
  }

  #judge(heard: number): void {
    this.#probe = undefined;
    if (this.#heard === heard) this.#lost.resolve('disconnected');
  }

  readonly #followIce = (): void => {
    if (this.#peer.connection.iceConnectionState === 'disconnected') this.probe();
  };

  /** The page got something from the guest. */
  hear(what: 'message' | 'frame'): void {
    this.#seen.heard = true;
    this.#heard += 1;
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
    if (now - this.#lookedAt > SLEPT_MS) this.probe();
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
