import { mock } from 'node:test';
import type { RtpPacket } from 'werift';
import type { Feedback } from '../../../src/agent/congestion/feedback.ts';
import { VideoTrack } from '../../../src/agent/peer/video-track.ts';
import { toSettings } from '../../../src/agent/stream/settings.ts';

export interface LinkShape {
  kbps: number;
  /** One way. */
  delayMs?: number;
  jitterMs?: number;
  lossShare?: number;
  /** Longer queues are cut at their end. */
  mostQueueMs?: number;
  isDown?: boolean;
  /** The viewer's processor is busy with something else for so long of each half second, and takes what came all at once. */
  stallMs?: number;
}

export interface Second {
  targetKbps: number;
  /** Delivered. */
  kbps: number;
  queueMs: number[];
  /** Longest time without a whole frame. */
  freezeMs: number;
}

/** Bytes of the n-th frame, or nothing when the screen rests. */
export type Screen = (kbps: number, framerate: number, frame: number) => number;

export const MOTION: Screen = (kbps, framerate, frame) => (kbps * 125 * (0.8 + 0.4 * ((frame * 7) % 10) * 0.1)) / framerate;

const FEEDBACK_MS = 50;
const OVERHEAD_BYTES = 68;
const MOST = { bitrateKbps: 8000, framerate: 60 };

/** A viewer behind a bottleneck, in a time of its own: what our sender does there, second by second. */
export function simulate(seconds: number, toShape: (second: number) => LinkShape, screen: Screen = MOTION): Second[] {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const link = new SimulatedLink(screen, toShape(0));
    return Array.from({ length: seconds }, (_, second) => link.run(toShape(second)));
  } finally {
    mock.timers.reset();
  }
}

class SimulatedLink {
  #nowMs = 1000;
  #busyMs = 0;
  #lastArrivalMs = 0;
  #random = 1;
  #shape: LinkShape;
  #take!: (feedback: Feedback) => void;
  #nack!: (numbers: readonly number[]) => void;
  readonly #later: { atMs: number; run: () => void }[] = [];
  #arrivals = new Map<number, number>();
  #base: number | undefined;
  readonly #track: VideoTrack;
  readonly #screen: Screen;
  #frames = 0;
  #frameMs = 0;
  #bytes = 0;
  #queues: number[] = [];
  /** RTP sequence numbers that came; whole frames are those of which all came. */
  readonly #come = new Set<number>();
  #nextWanted: number | undefined;
  #wholeMs = 1000;
  #freezeMs = 0;

  constructor(screen: Screen, shape: LinkShape) {
    this.#shape = shape;
    this.#screen = screen;
    const sender = {
      hasFeedback: true,
      receiverLimitKbps: undefined,
      onFeedback: (take: (feedback: Feedback) => void) => (this.#take = take),
      onNack: (take: (numbers: readonly number[]) => void) => (this.#nack = take),
      onPictureLoss: () => {},
      send: (packet: RtpPacket, number: number) => this.#carry(packet, number),
      resend: (packet: RtpPacket, number: number) => this.#carry(packet, number),
    };
    const limits = { startKbps: MOST.bitrateKbps, leastKbps: 100, mostKbps: MOST.bitrateKbps };
    this.#track = new VideoTrack(sender, limits, { onKeyFrameWanted: () => {}, onFlow: () => {} }, () => this.#nowMs);
    this.#track.send({ data: Buffer.alloc(50_000), timestamp: 0, isKey: true });
  }

  run(shape: LinkShape): Second {
    this.#shape = shape;
    this.#bytes = this.#freezeMs = 0;
    this.#queues = [];
    for (let ms = 0; ms < 1000; ms++) this.#tick();
    return { targetKbps: this.#track.targetKbps, kbps: (this.#bytes * 8) / 1000, queueMs: this.#queues, freezeMs: this.#freezeMs };
  }

  #tick(): void {
    this.#nowMs += 1;
    mock.timers.tick(1);
    const due = this.#later.filter(({ atMs }) => atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const one of due) this.#later.splice(this.#later.indexOf(one), 1);
    for (const { run } of due) run();
    if (this.#nowMs % FEEDBACK_MS === 0) this.#tell();
    this.#encode();
    this.#freezeMs = Math.max(this.#freezeMs, this.#nowMs - this.#wholeMs);
  }

  #encode(): void {
    const { bitrateKbps, framerate } = toSettings(this.#track.targetKbps, MOST);
    if (this.#track.isCongested || this.#nowMs - this.#frameMs < 950 / framerate) return;
    this.#frameMs = this.#nowMs;
    const bytes = Math.round(this.#screen(bitrateKbps, framerate, this.#frames++));
    if (bytes > 0) this.#track.send({ data: Buffer.alloc(bytes, 1), timestamp: 0, isKey: false });
    else this.#wholeMs = this.#nowMs;
  }

  #carry({ header, payload }: RtpPacket, number: number): void {
    const { kbps, delayMs = 15, jitterMs = 0, lossShare = 0, mostQueueMs = 300, isDown, stallMs = 0 } = this.#shape;
    this.#base ??= number;
    const queueMs = Math.max(0, this.#busyMs - this.#nowMs);
    if (isDown || queueMs > mostQueueMs || this.#next() < lossShare) return;
    this.#queues.push(queueMs);
    this.#busyMs = Math.max(this.#busyMs, this.#nowMs) + ((payload.length + OVERHEAD_BYTES) * 8) / kbps;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#busyMs + delayMs + jitterMs * this.#next());
    const atMs = this.#lastArrivalMs + Math.max(0, stallMs - (this.#lastArrivalMs % 500));
    this.#later.push({ atMs, run: () => this.#arrive(header.sequenceNumber, number, payload.length, header.marker, atMs) });
  }

  #arrive(sequenceNumber: number, number: number, bytes: number, marker: boolean, atMs: number): void {
    // The viewer's clock is another one.
    this.#arrivals.set(number, Math.round((atMs + 77_777) * 4) / 4);
    this.#bytes += bytes;
    this.#nextWanted ??= sequenceNumber;
    if (((sequenceNumber - this.#nextWanted) & 0xffff) < 0x8000) this.#come.add(sequenceNumber);
    while (this.#come.delete(this.#nextWanted)) this.#nextWanted = (this.#nextWanted + 1) & 0xffff;
    if (marker && this.#come.size === 0) this.#wholeMs = this.#nowMs;
    else if (this.#come.size === 0) this.#wholeMs = Math.max(this.#wholeMs, this.#nowMs - 20);
  }

  #tell(): void {
    const { isDown, delayMs = 15 } = this.#shape;
    const newest = Math.max(...this.#arrivals.keys());
    const atMs = this.#nowMs + delayMs;
    if (this.#come.size > 0 && this.#nextWanted !== undefined && !isDown) {
      const missing = Array.from({ length: 200 }, (_, index) => (this.#nextWanted! + index) & 0xffff).filter(
        (one) => !this.#come.has(one) && [...this.#come].some((other) => ((other - one) & 0xffff) < 0x8000),
      );
      this.#later.push({ atMs, run: () => this.#nack(missing) });
    }
    if (this.#base === undefined || this.#arrivals.size === 0 || newest < this.#base || isDown) return;
    const base = this.#base;
    const arrivals = Array.from({ length: newest - base + 1 }, (_, index) => this.#arrivals.get(base + index));
    this.#later.push({ atMs, run: () => this.#take({ base, arrivals }) });
    this.#base = newest + 1;
    this.#arrivals.clear();
  }

  /** The same numbers in each run. */
  #next(): number {
    this.#random = (this.#random * 48_271) % 0x7fffffff;
    return this.#random / 0x7fffffff;
  }
}
