import { RtpHeader, RtpPacket } from 'werift';
import { LinkEstimator } from '../congestion/link-estimator.ts';
import type { RateLimits } from '../congestion/aimd.ts';
import type { EncodedFrame } from '../stream/broadcast.ts';
import { nextPictureId, toVp8Payloads } from '../stream/vp8.ts';
import { Pacer } from './pacer.ts';
import { Resends } from './resends.ts';
import type { RtpSender } from './rtp-sender.ts';

type Sender = Pick<RtpSender, 'hasFeedback' | 'receiverLimitKbps' | 'onFeedback' | 'onNack' | 'onPictureLoss' | 'send' | 'resend'>;

export interface VideoTrackEvents {
  onKeyFrameWanted(): void;
  /** It became congested, or is no longer. */
  onFlow(): void;
}

interface Waiting {
  bytes: number;
  frame: number;
  isKey: boolean;
  header: RtpHeader;
  payload: Buffer;
  /** Sent before, and asked for again. */
  again?: RtpPacket;
}

/** Of a packet beside its payload: RTP with two extensions, SRTP's tag, UDP and IP. */
const OVERHEAD_BYTES = 68;
/** A queue that is longer makes new frames wait for it: better none is taken then. */
const CONGESTED_MS = 20;
/** The others went on meanwhile: from here on a new start is cheaper. */
const STALE_MS = 400;
/** A key frame that was just sent answers a wish that was on its way. */
const KEY_FRAME_GRACE_MS = 100;
/** Chromium asks for a key frame when nothing came for 3 s, lost or not: a screen that rests would send one each 3 s for ever. */
const SILENCE_MS = 2500;
/** Whoever cannot decode asks again sooner than that. */
const ASKS_AGAIN_MS = 2500;
/** Losses that are older were made good, or are no longer seen. */
const LOSS_COUNTS_MS = 1000;

/** Frames → paced RTP packets of one viewer. Knows what its link carries and sends again what it lost. */
export class VideoTrack {
  /** Frames that were not sent: no key frame was there to build on, or the link was too slow for them. */
  dropped = 0;
  readonly link: LinkEstimator;
  readonly #sender: Sender;
  readonly #events: VideoTrackEvents;
  readonly #now: () => number;
  readonly #pacer: Pacer<Waiting>;
  readonly #resends = new Resends();
  #sequenceNumber = Math.floor(Math.random() * 0x8000);
  #pictureId = 0;
  #frame = 0;
  #train = 0;
  #hasKeyFrame = false;
  #keyFrameSentMs = -Infinity;
  #congestedMs: number | undefined;
  #sentMs = -Infinity;
  #ignoredMs = -Infinity;

  constructor(sender: Sender, limits: RateLimits, events: VideoTrackEvents, now = () => performance.now()) {
    this.#sender = sender;
    this.#events = events;
    this.#now = now;
    this.link = new LinkEstimator(limits);
    this.#pacer = new Pacer<Waiting>({
      send: (waiting) => this.#transmit(waiting),
      maySend: (bytes) => !sender.hasFeedback || this.link.maySend(bytes, now()),
      paceKbps: () => this.link.paceKbps,
      onEmpty: () => this.#setCongested(false),
      now,
    });
    sender.onFeedback((feedback) => {
      this.link.onFeedback(feedback, now());
      this.#pacer.wake();
    });
    sender.onNack((numbers) => this.#resend(numbers));
    sender.onPictureLoss(() => this.#onPictureLoss());
  }

  /** What the encoder may give this viewer. */
  get targetKbps(): number {
    return Math.min(this.link.targetKbps, this.#sender.hasFeedback ? Infinity : (this.#sender.receiverLimitKbps ?? Infinity));
  }

  /** Frames that come now would have to wait. */
  get isCongested(): boolean {
    return this.#congestedMs !== undefined;
  }

  /** What waits here for the link, ms. */
  get waitMs(): number {
    return this.#pacer.waitMs;
  }

  send(frame: EncodedFrame): void {
    if (frame.isKey) this.#beginAnew();
    else if (this.#hasKeyFrame && this.#congestedMs !== undefined && this.#now() - this.#congestedMs > STALE_MS) this.#skip();
    if (!this.#hasKeyFrame) {
      this.dropped += 1;
      return;
    }
    if (this.#pacer.isEmpty) this.#train += 1;
    this.#pacer.push(this.#toWaiting(frame));
    if (this.#pacer.waitMs > CONGESTED_MS || this.#pacer.isBlocked) this.#setCongested(true);
  }

  /** What comes from now on is another encoder's. */
  reset(): void {
    this.#skip();
  }

  stop(): void {
    this.#pacer.stop();
  }

  /** What waits builds on frames that nobody needs any more. */
  #beginAnew(): void {
    this.#dropWaiting();
    this.#hasKeyFrame = true;
  }

  /** Nothing more until the next key frame, which is asked for when there is room for it. */
  #skip(): void {
    this.#dropWaiting();
    this.#hasKeyFrame = false;
    if (this.#pacer.isEmpty) this.#setCongested(false);
  }

  /** But for the frame that is half sent. */
  #dropWaiting(): void {
    const { first } = this.#pacer;
    const halfSent = first && !isStart(first.payload) ? first.frame : undefined;
    this.#pacer.drop(({ frame }) => frame !== halfSent);
  }

  #toWaiting({ data, timestamp, isKey }: EncodedFrame): Waiting[] {
    this.#pictureId = nextPictureId(this.#pictureId);
    this.#frame += 1;
    const payloads = toVp8Payloads(data, this.#pictureId);
    return payloads.map((payload, index) => {
      const header = new RtpHeader({ timestamp, marker: index === payloads.length - 1 });
      return { bytes: payload.length + OVERHEAD_BYTES, frame: this.#frame, isKey, header, payload };
    });
  }

  #transmit({ bytes, isKey, header, payload, again }: Waiting): void {
    const sentMs = this.#now();
    this.#sentMs = sentMs;
    const number = this.link.onSent({ sentMs, bytes, train: this.#train });
    if (again) {
      this.#resends.sent(again, sentMs);
      return this.#sender.resend(again, number);
    }
    header.sequenceNumber = this.#sequenceNumber;
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    const packet = new RtpPacket(header, payload);
    this.#resends.sent(packet, sentMs);
    if (isKey) this.#keyFrameSentMs = sentMs;
    this.#sender.send(packet, number);
  }

  #resend(numbers: readonly number[]): void {
    const packets = this.#resends.take(numbers, (this.link.rttMs ?? 0) + this.link.queueMs, this.#now());
    this.#pacer.pushUrgent(
      packets.map((again) => {
        const { header, payload } = again;
        return { bytes: payload.length + OVERHEAD_BYTES + 2, frame: 0, isKey: false, header, payload, again };
      }),
    );
  }

  #onPictureLoss(): void {
    if (this.#isMereSilence()) return;
    const answeredMs = this.#keyFrameSentMs + (this.link.rttMs ?? 0) + KEY_FRAME_GRACE_MS;
    if (this.#now() > answeredMs && !this.#pacer.some(({ isKey }) => isKey)) this.#events.onKeyFrameWanted();
  }

  /** The viewer has all that there is, and wonders only that it is no more. */
  #isMereSilence(): boolean {
    const nowMs = this.#now();
    const isIt =
      this.#sender.hasFeedback &&
      this.#hasKeyFrame &&
      nowMs - this.#sentMs > SILENCE_MS &&
      nowMs - this.#ignoredMs > ASKS_AGAIN_MS &&
      this.link.hasAllSince(this.#sentMs - LOSS_COUNTS_MS);
    if (isIt) this.#ignoredMs = nowMs;
    return isIt;
  }

  #setCongested(isCongested: boolean): void {
    if (isCongested === this.isCongested) return;
    this.#congestedMs = isCongested ? this.#now() : undefined;
    if (!isCongested && !this.#hasKeyFrame) this.#events.onKeyFrameWanted();
    this.#events.onFlow();
  }
}

/** The descriptor's S bit: the frame begins here. */
const isStart = (payload: Buffer) => (payload[0]! & 0x10) !== 0;
