import { Aimd, type RateLimits } from './aimd.ts';
import { Capacity } from './capacity.ts';
import type { Feedback } from './feedback.ts';
import { Loss } from './loss.ts';
import { OveruseDetector, type Usage } from './overuse-detector.ts';
import { PacketGroups } from './packet-groups.ts';
import { PacketTrains } from './packet-trains.ts';
import { QueueingDelay } from './queueing-delay.ts';
import { type PacketResult, SentPackets } from './sent-packets.ts';
import { Throughput } from './throughput.ts';
import { Trendline } from './trendline.ts';

type Arrived = PacketResult & { arrivalMs: number };

/** Before the first feedback: about a key frame. */
const FIRST_WINDOW_BYTES = 64 * 1024;
/** Packets may be under way so much longer than the quickest: viewers tell of them every 50 to 100 ms. */
const WINDOW_MS = 150;
const LEAST_WINDOW_BYTES = 6000;
const FIRST_RTT_MS = 100;
/** With nothing heard for so long all that was under way counts as gone: one packet may ask whether the link is back. */
const SILENCE_MS = 300;
/** More than that is no loss of a link that works. */
const OUTAGE_MS = 700;
const LOSS_HIGH = 0.1;

/** What one viewer's link carries, from what it tells of packets (Google congestion control). All times are ms of one clock of ours. */
export class LinkEstimator {
  readonly #sent = new SentPackets();
  readonly #groups = new PacketGroups();
  readonly #trendline = new Trendline();
  readonly #detector = new OveruseDetector();
  readonly #throughput = new Throughput();
  readonly #trains = new PacketTrains();
  readonly #queue = new QueueingDelay();
  readonly #loss = new Loss();
  readonly #capacity = new Capacity();
  readonly #aimd: Aimd;
  #usage: Usage = 'normal';
  #rttMs: number | undefined;
  #heardMs: number | undefined;
  #triedMs = -Infinity;

  constructor(limits: RateLimits) {
    this.#aimd = new Aimd(limits);
  }

  /** What the viewer may be sent in the long run. */
  get targetKbps(): number {
    return this.#aimd.kbps;
  }

  /** How fast a frame's packets may leave. */
  get paceKbps(): number {
    return Math.max(this.#capacity.paceKbps, this.targetKbps);
  }

  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** On the way, beyond the quickest packet's time. */
  get queueMs(): number {
    return this.#queue.ms;
  }

  get lossShare(): number {
    return this.#loss.share;
  }

  /** The viewer has told of everything, and missed nothing of what was sent after that time. */
  hasAllSince(sentMs: number): boolean {
    return this.#sent.inFlightBytes === 0 && this.#sent.newestMissingMs < sentMs;
  }

  /** Whether a packet may leave: not more is under way than the link can hold without a long queue. */
  maySend(bytes: number, nowMs: number): boolean {
    if (this.#sent.inFlightBytes + bytes <= this.#windowBytes) return true;
    const silentMs = Math.max(SILENCE_MS, 2 * (this.#rttMs ?? FIRST_RTT_MS));
    if (nowMs - Math.max(this.#heardMs ?? -Infinity, this.#triedMs) < silentMs) return false;
    this.#triedMs = nowMs;
    return true;
  }

  /** Gives the packet's transport-wide sequence number. */
  onSent(packet: { sentMs: number; bytes: number; train: number }): number {
    if (this.#heardMs === undefined && this.#sent.inFlightBytes === 0) this.#triedMs = packet.sentMs;
    return this.#sent.add(packet);
  }

  onFeedback(feedback: Feedback, nowMs: number): void {
    const results = this.#sent.take(feedback);
    const arrived = results.filter((result): result is Arrived => result.arrivalMs !== undefined);
    const wasAway = this.#heardMs !== undefined && results.length > 0 && nowMs - results[0]!.sentMs > OUTAGE_MS;
    if (arrived.length > 0) this.#heardMs = nowMs;
    this.#measure(arrived, nowMs);
    for (const packet of arrived) this.#detect(packet);
    this.#adapt(nowMs);
    if (!wasAway) this.#adaptToLoss(results, nowMs);
  }

  get #windowBytes(): number {
    if (this.#heardMs === undefined) return FIRST_WINDOW_BYTES;
    const kbps = Math.max(this.targetKbps, this.#capacity.kbps ?? 0);
    return Math.max(LEAST_WINDOW_BYTES, (kbps * ((this.#rttMs ?? FIRST_RTT_MS) + WINDOW_MS)) / 8);
  }

  #measure(arrived: readonly Arrived[], nowMs: number): void {
    for (const packet of [...arrived].sort((a, b) => a.arrivalMs - b.arrivalMs)) this.#throughput.add(packet.arrivalMs, packet.bytes);
    for (const measure of [...arrived.map((packet) => this.#trains.add(packet)), this.#trains.flush()]) {
      if (!measure) continue;
      if (this.#capacity.kbps === undefined && measure.isSaturated) this.#aimd.settle(measure.kbps);
      this.#capacity.add(measure, nowMs);
    }
    const newest = arrived.at(-1);
    if (!newest) return;
    const rttMs = Math.max(1, nowMs - newest.sentMs - this.#queue.ms);
    // The least counts at once: more is the time that the viewer kept its word back.
    this.#rttMs = this.#rttMs === undefined || rttMs < this.#rttMs ? rttMs : 0.98 * this.#rttMs + 0.02 * rttMs;
  }

  #detect(packet: Arrived): void {
    this.#queue.add(packet.sentMs, packet.arrivalMs);
    const delta = this.#groups.add(packet);
    if (delta) this.#usage = this.#detector.take(this.#trendline.add(delta), delta.sendMs, delta.atMs);
  }

  #adapt(nowMs: number): void {
    const arrivedKbps = this.#throughput.kbps;
    const { kbps: capacityKbps } = this.#capacity;
    const trainKbps = this.#capacity.latestKbps(nowMs);
    const input = {
      usage: this.#usage,
      arrivedKbps,
      capacityKbps,
      trainKbps,
      queueMs: this.queueMs,
      rttMs: this.#rttMs ?? FIRST_RTT_MS,
      nowMs,
    };
    if (this.#aimd.take(input)) this.#capacity.lower(Math.max(arrivedKbps ?? 0, trainKbps, this.#aimd.kbps), nowMs);
  }

  #adaptToLoss(results: readonly PacketResult[], nowMs: number): void {
    const share = this.#loss.take(results, nowMs);
    if (share === undefined || share <= LOSS_HIGH) return;
    const arrivedKbps = this.#throughput.kbps ?? 0;
    this.#aimd.reduce(1 - 0.5 * share, arrivedKbps, nowMs);
    this.#capacity.lower(Math.max(arrivedKbps, this.#capacity.latestKbps(nowMs), this.#aimd.kbps), nowMs);
  }
}
