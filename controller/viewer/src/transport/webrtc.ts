import type { ControlEvent } from '#contract/input';
import { toBackOffMs } from '../../../client/delay.ts';
import { OrielError, type ViewerClient } from '../../../client/index.ts';
import type { Channels } from './channels.ts';
import type { Loss } from './health.ts';
import { restartIce } from './ice-restart.ts';
import { NO_STATS, type LinkStats } from './link-stats.ts';
import { newId } from './offer.ts';
import { openPeer, type Peer } from './peer.ts';
import { addSound, offerAgain } from './sound.ts';
import { Watch } from './watch.ts';

/** How long the guest may think about an offer before it gets a new one. */
const ANSWER_MS = 10_000;
/** A picture that lasted this long was a good connection: the next try starts without a pause. */
const GOOD_MS = 5000;
/** How long it may take, servers and offer included, until the guest agrees to another way; then a new connection is made: its agent may have begun anew. */
const RESTART_MS = 1500;
/** Losses of the way. One that falls silent for no reason that the page knows of is the guest's: its agent began anew, and a restart would wait in vain. */
const MENDABLE: readonly Loss[] = ['disconnected', 'ice_failed'];

export type LinkEvents = {
  onAnswer: () => void;
  /** The stream to show. Called before its first frame. */
  onStream: (stream: MediaStream) => void;
  /** The sound to play, of the same connection. */
  onSound: (stream: MediaStream) => void;
  onPicture: () => void;
  /** The stream is about to be closed. */
  onClosing: () => void;
  /** What was open is gone, and a new try follows. `silentMs`: for how long nothing had come. */
  onLost: (loss: Loss, hadPicture: boolean, silentMs: number) => void;
  onEvent: (event: ControlEvent) => void;
};

/**
 * The WebRTC connection of a viewer. A way that is lost is replaced on the same connection, if the guest agrees. For the rest reload,
 * a restarted agent and a restarted controller are one path: what is there is closed and a new offer is made, after 0.2 to 3 s.
 */
export class WebrtcLink {
  readonly #client: ViewerClient;
  readonly #sessionId: string;
  /** Of its own, though other pages may have the same link: this one's offers take the place of this one's only. */
  readonly #page = newId();
  readonly #events: LinkEvents;
  readonly #patience: number;
  #channels: Channels | undefined;
  #watch: Watch | undefined;
  #wake: (() => void) | undefined;
  #giveUp: (() => void) | undefined;
  #listens = false;
  /** The connection that stands, and its end. */
  #peer: { peer: Peer; life: AbortSignal } | undefined;
  /** Offers of one connection come one after the other. */
  #offering: Promise<unknown> = Promise.resolve();
  /** Tries so far that came to nothing. */
  tries = 0;
  /** Of the last ping, ms. */
  roundTripMs: number | undefined;
  /** How often the guest agreed to another way on the same connection. */
  restarts = 0;

  /** `patience` multiplies the limits in time. */
  constructor(client: ViewerClient, sessionId: string, patience: number, events: LinkEvents) {
    this.#client = client;
    this.#sessionId = sessionId;
    this.#events = events;
    this.#patience = patience;
  }

  get hasPicture(): boolean {
    return this.#watch?.hasPicture ?? false;
  }

  get stats(): LinkStats {
    return this.#watch?.stats ?? NO_STATS;
  }

  /** A frame was shown. */
  hearFrame(): void {
    this.#watch?.hear('frame');
  }

  readonly move: Channels['move'] = (message) => this.#channels?.move(message);
  readonly control: Channels['control'] = (message) => this.#channels?.control(message);
  readonly input: Channels['input'] = (message) => this.#channels?.input(message);

  /** Whether the desktop's sound is wanted, by one who may listen: of this connection, and of those that follow. */
  listen(on: boolean): void {
    if (on === this.#listens) return;
    this.#listens = on;
    this.control({ t: 'sound', on });
    this.#followSound();
  }

  /** What was wanted otherwise while the connection was being made. */
  #followSound(): void {
    if (this.#listens && this.#peer && !this.#peer.peer.sound) void this.#addSound(this.#peer);
  }

  /** Connects, and connects again whenever that ends, until `signal` aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now();
      const { loss, hadPicture, silentMs } = await this.#try(signal);
      if (signal.aborted) return;
      const wasGood = hadPicture && performance.now() - startedAt > GOOD_MS;
      this.tries = wasGood ? 0 : this.tries + 1;
      this.#events.onLost(loss, hadPicture, silentMs);
      await this.#pause(wasGood ? 0 : toBackOffMs(this.tries) * (0.75 + Math.random() / 2), signal); // not in step with another tab
    }
  }

  /** Ends the pause between two tries. */
  hurry(): void {
    this.#wake?.();
  }

  /** The page's network may be another one, or the page slept: looks whether the connection still leads to the guest. */
  probe(): void {
    this.hurry();
    this.#watch?.probe();
  }

  /** The agent that answered is known to be gone: what it answered is given up. An offer without an answer waits for the next agent. */
  renew(): void {
    this.tries = 0;
    this.#giveUp?.();
    this.hurry();
  }

  async #try(signal: AbortSignal): Promise<{ loss: Loss; hadPicture: boolean; silentMs: number }> {
    const closing = new AbortController();
    const trying = AbortSignal.any([signal, closing.signal]);
    const closed = Promise.withResolvers<Loss>();
    let watch: Watch | undefined;
    try {
      const peer = await this.#open(trying, () => closed.resolve('closed'));
      watch = this.#start(peer);
      this.#peer = { peer, life: trying };
      this.#giveUp = () => closed.resolve('closed');
      for (let heardAt = 0; ;) {
        const loss = await Promise.race([watch.lost, closed.promise, toAborted(trying)]);
        if (watch.hasHeard || heardAt === 0) heardAt = performance.now() - watch.silentMs;
        const isMended = watch.hasHeard && MENDABLE.includes(loss) && (await Promise.race([this.#mend(peer, trying), closed.promise]));
        if (isMended !== true) return { loss, hadPicture: watch.hasPicture, silentMs: performance.now() - heardAt };
        watch = this.#watchAgain(peer, watch);
      }
    } catch (error) {
      return { loss: error instanceof OrielError ? 'signalling' : 'no_answer', hadPicture: false, silentMs: 0 };
    } finally {
      this.#giveUp = this.#peer = undefined;
      watch?.stop();
      if (watch) this.#events.onClosing();
      if (this.#watch === watch) [this.#watch, this.#channels, this.roundTripMs] = [undefined, undefined, undefined];
      closing.abort();
    }
  }

  async #open(signal: AbortSignal, onClose: () => void): Promise<Peer> {
    const [client, sessionId, page, hasSound] = [this.#client, this.#sessionId, this.#page, this.#listens];
    const { iceServers } = await client.iceServers({ signal });
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MS * this.#patience);
    try {
      const opening = AbortSignal.any([signal, late.signal]);
      const onEvent = (event: ControlEvent) => this.#handle(event);
      return await openPeer({ client, sessionId, page, iceServers, hasSound, signal: opening, onEvent, onClose });
    } finally {
      clearTimeout(timer);
    }
  }

  /** True when the guest has agreed to another way. */
  async #mend({ connection }: Peer, life: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([life, AbortSignal.timeout(RESTART_MS * this.#patience)]);
    const [client, sessionId, page] = [this.#client, this.#sessionId, this.#page];
    return this.#inTurn(() => restartIce(connection, { client, sessionId, page, signal, life })).catch(() => false);
  }

  /** Where the guest does not take it on this connection, the next one has it from the start. */
  async #addSound({ peer, life }: { peer: Peer; life: AbortSignal }): Promise<void> {
    peer.sound = addSound(peer.connection);
    const signal = AbortSignal.any([life, AbortSignal.timeout(ANSWER_MS * this.#patience)]);
    const [client, sessionId, page] = [this.#client, this.#sessionId, this.#page];
    const isAdded = await this.#inTurn(() => offerAgain(peer.connection, { client, sessionId, page, signal, life })).catch(() => false);
    if (life.aborted) return;
    if (!isAdded) return this.#giveUp?.();
    this.#events.onSound(peer.sound);
    // It was turned off meanwhile: the guest sends from its answer on.
    if (!this.#listens) this.control({ t: 'sound', on: false });
  }

  #inTurn<T>(offer: () => Promise<T>): Promise<T> {
    const offered = this.#offering.then(offer);
    this.#offering = offered.catch(() => undefined);
    return offered;
  }

  #watchAgain(peer: Peer, before: Watch): Watch {
    before.stop();
    this.restarts += 1;
    this.#watch = new Watch(peer, this.#patience, () => this.#events.onPicture(), before);
    this.#watch.start();
    peer.channels.control({ t: 'keyframe' });
    return this.#watch;
  }

  #start(peer: Peer): Watch {
    const watch = new Watch(peer, this.#patience, () => this.#events.onPicture());
    this.#watch = watch;
    this.#channels = peer.channels;
    watch.start();
    this.#events.onAnswer();
    this.#events.onStream(peer.stream);
    if (peer.sound) this.#events.onSound(peer.sound);
    return watch;
  }

  #handle(event: ControlEvent): void {
    this.#watch?.hear('message');
    if (event.t === 'pong') this.roundTripMs = performance.now() - event.at;
    if (event.t === 'stats' && this.#watch) this.#watch.encoderFps = event.fps;
    this.#events.onEvent(event);
    if (event.t !== 'policy') return;
    this.#followSound();
    if (!this.#listens && this.#peer?.peer.sound) this.control({ t: 'sound', on: false });
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => (clearTimeout(timer), resolve());
      signal.addEventListener('abort', this.#wake, { once: true });
    });
  }
}

const toAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
