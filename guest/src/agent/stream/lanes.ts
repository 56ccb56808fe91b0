import type { GuestQuality } from '#contract/quality';
import { Broadcast, type BroadcastOptions, type Viewer } from './broadcast.ts';
import type { Encoder, EncoderEvents, StreamSettings } from './encoder.ts';
import type { EncodedRate } from './rate.ts';
import { planLane, type LaneName } from './plan-lane.ts';

export interface LanesOptions extends Omit<BroadcastOptions, 'createEncoder' | 'settings'> {
  settings: StreamSettings;
  createEncoder(events: EncoderEvents): Encoder;
  /** Of the second lane, made when it is first needed. */
  createSlowEncoder(events: EncoderEvents): Encoder;
  planMs?: number;
}

interface Place {
  lane: LaneName;
  sinceMs: number;
}

const PLAN_MS = 500;

/**
 * All viewers. One encoder serves them as long as their links are about alike; those whose links carry much less than the best one's
 * share a second encoder, so that they neither drag the others down nor see a picture that stands still.
 */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #main: Broadcast;
  #slow: Broadcast | undefined;
  readonly #places = new Map<Viewer, Place>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#main = new Broadcast(options);
  }

  get encoderName(): string {
    return this.#main.encoderName;
  }

  /** Starts the encoder ahead of a viewer that is about to connect. */
  prepare(): void {
    this.#main.prepare();
  }

  join(viewer: Viewer): void {
    this.#places.set(viewer, { lane: 'main', sinceMs: -Infinity });
    this.#main.join(viewer);
    this.#timer ??= setInterval(() => this.#plan(), this.#options.planMs ?? PLAN_MS);
  }

  leave(viewer: Viewer): void {
    this.#of(viewer).leave(viewer);
    this.#places.delete(viewer);
    if (this.#places.size === 0) this.#endPlanning();
  }

  /** A viewer became congested, or is no longer. */
  updateFlow(viewer: Viewer): void {
    this.#of(viewer).updateFlow();
  }

  requestKeyFrame(viewer: Viewer): void {
    this.#of(viewer).requestKeyFrame();
  }

  /** The screen has another size. */
  resized(): void {
    this.#main.resized();
    this.#slow?.resized();
  }

  /** What the viewer's encoder has made since it was last asked for. */
  takeRates(elapsedMs: number): (viewer: Viewer) => EncodedRate {
    const main = this.#main.takeRate(elapsedMs);
    const slow = this.#slow?.takeRate(elapsedMs) ?? main;
    return (viewer) => (this.#places.get(viewer)?.lane === 'slow' ? slow : main);
  }

  /** What was encoded since the last call, and for what links; undefined when nobody watches. */
  takeQuality(elapsedMs: number): GuestQuality | undefined {
    const [main, slow] = [this.#main.takeQuality(elapsedMs), this.#slow?.takeQuality(elapsedMs)];
    const quality = main ?? slow;
    const viewers = [...this.#places.keys()];
    if (!quality || viewers.length === 0) return quality;
    const linkKbps = Math.round(Math.min(...viewers.map((viewer) => viewer.targetKbps)));
    return { ...quality, linkKbps, queueMs: Math.round(Math.max(...viewers.map(({ queueMs }) => queueMs))) };
  }

  /** X has gone, or all ends. */
  stop(): void {
    this.#endPlanning();
    this.#main.stop();
    this.#slow?.stop();
  }

  #plan(): void {
    const best = Math.max(...[...this.#places.keys()].map(({ targetKbps }) => targetKbps));
    const nowMs = performance.now();
    for (const [viewer, place] of this.#places) {
      const lane = planLane({ ...place, targetKbps: viewer.targetKbps }, best, nowMs);
      if (lane !== place.lane) this.#move(viewer, lane, nowMs);
    }
  }

  #move(viewer: Viewer, lane: LaneName, nowMs: number): void {
    this.#of(viewer).leave(viewer);
    this.#places.set(viewer, { lane, sinceMs: nowMs });
    viewer.reset();
    this.#of(viewer).join(viewer);
  }

  #of(viewer: Viewer): Broadcast {
    if (this.#places.get(viewer)?.lane !== 'slow') return this.#main;
    return (this.#slow ??= new Broadcast({ ...this.#options, createEncoder: this.#options.createSlowEncoder, onFirstFrame: () => {} }));
  }

  #endPlanning(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
