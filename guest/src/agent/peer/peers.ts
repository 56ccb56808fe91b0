import type { GuestAnswer } from '#contract/guest';
import type { ControlEvent, ControlRequest } from '#contract/input';
import { toPieces, type Copied } from '../clipboard/copied.ts';
import type { Resizer } from '../desktop/resizer.ts';
import type { Injector } from '../input/injector.ts';
import type { Log } from '../log.ts';
import type { Sound } from '../audio/sound.ts';
import type { Lanes } from '../stream/lanes.ts';
import type { Size } from '../input/words.ts';
import { People } from '../people/people.ts';
import type { MediaPorts } from './connection.ts';
import { Peer, type Offer } from './peer.ts';
import { toOrigin } from './sdp.ts';

type CursorEvent = Extract<ControlEvent, { t: 'cursor' }>;

export interface PeerState {
  peerId: string;
  state: string;
  reason?: string;
}

export interface PeersOptions {
  ports: MediaPorts;
  /** Most that a viewer is sent. */
  bitrateKbps: number;
  lanes: Lanes;
  /** Of a desktop that has sound. */
  sound?: Sound | undefined;
  injector: Injector;
  resizer: Pick<Resizer, 'isFree' | 'wish' | 'use' | 'leave'>;
  getSize(): Size;
  /** A viewer moved the mouse, pressed a key … */
  onInput(): void;
  /** Peers came, went or changed. */
  onChange(): void;
  log: Log;
}

/** Why a page's connection before is closed: the page itself goes on. */
const REPLACED = 'replaced by a new offer';
/** Peers that are gone and still told of. */
const REMEMBERED = 16;
const STATS_MS = 1000;

/** All viewers, by peer id. An offer can come at any time: it makes a peer, replaces one, or restarts the ICE of one. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #states = new Map<string, PeerState>();
  readonly #timer: NodeJS.Timeout;
  /** One offer after the other: werift looks for a free port first and binds it later. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Offers that wait or are being answered, the last of each viewer. */
  readonly #newest = new Map<string, Offer>();
  #cursor: CursorEvent | undefined;
  readonly #people: People;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tellStats(), STATS_MS);
    this.#people = new People({
      tell: (peerId, event) => this.#peers.get(peerId)?.channels.tell(event),
      letGo: (peerId) => options.injector.handle(peerId, { t: 'release' }),
    });
  }

  get states(): PeerState[] {
    return [...this.#states.values()];
  }

  /**
   * Answers an offer; undefined when a newer one of the same viewer came before its turn: they may come faster than they can be
   * answered. Throws for an offer that cannot be answered; the peer is closed then.
   */
  answer(offer: Offer): Promise<GuestAnswer | undefined> {
    this.#newest.set(offer.peerId, offer);
    const answered = this.#turn.then(() => (this.#newest.get(offer.peerId) === offer ? this.#answer(offer) : undefined));
    this.#turn = answered
      .catch(() => {})
      .then(() => {
        if (this.#newest.get(offer.peerId) === offer) this.#newest.delete(offer.peerId);
      });
    return answered;
  }

  close(peerId: string, reason: string): void {
    this.#peers.get(peerId)?.close(reason);
  }

  /** Closes all that a viewer has, and what it has just offered. */
  revoke(viewer: string): void {
    // The controller's ids: a page's own follows the viewer's.
    const isOf = (peerId: string) => peerId === viewer || peerId.startsWith(`${viewer}_`);
    for (const peerId of [...this.#newest.keys()].filter(isOf)) this.#newest.delete(peerId);
    for (const peerId of [...this.#peers.keys()].filter(isOf)) this.close(peerId, 'viewer was revoked');
  }

  tellDisplay(): void {
    for (const peer of this.#peers.values()) this.#tellSize(peer);
  }

  /** The pointer's shape, to all viewers and to those that come later. */
  tellCursor(cursor: CursorEvent): void {
    this.#cursor = cursor;
    for (const peer of this.#peers.values()) peer.channels.tell(cursor);
  }

  /** What the desktop has copied, to those that are there: who comes later did not see it copied. */
  tellCopied(copied: Copied): void {
    for (const piece of toPieces(copied)) for (const peer of this.#peers.values()) peer.channels.tell(piece);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#people.stop();
    for (const peer of this.#peers.values()) peer.close('agent stops');
  }

  async #answer(offered: Offer): Promise<GuestAnswer> {
    const { peerId, offerId, offer } = offered;
    this.#options.lanes.prepare();
    this.#people.policy = offered.control ?? 'shared';
    const peer = this.#find(offered);
    try {
      const sdp = await peer.answer(offer.sdp);
      return { peerId, offerId, answer: { type: 'answer', sdp }, candidates: [] };
    } catch (error) {
      peer.close(`offer refused: ${(error as Error).message}`);
      throw error;
    }
  }

  /** The peer that made the same browser connection's earlier offer, or a new one in the place of the old. */
  #find(offered: Offer): Peer {
    const { peerId, offer, role, clipboard } = offered;
    const audio = this.#mayListen(offered);
    const known = this.#peers.get(peerId);
    if (
      known?.origin !== undefined &&
      known.origin === toOrigin(offer.sdp) &&
      known.role === role &&
      known.clipboard === clipboard &&
      known.audio === audio
    )
      return known;
    known?.close(REPLACED);
    const peer = this.#create(offered);
    this.#peers.set(peerId, peer);
    this.#tell(peerId, 'connecting');
    return peer;
  }

  #create(offered: Offer): Peer {
    const { peerId } = offered;
    const { lanes, sound, injector, resizer, onInput } = this.#options;
    const peer: Peer = new Peer({ ...offered, audio: this.#mayListen(offered) }, this.#options, {
      onConnected: () => {
        lanes.join(peer);
        this.#tell(peerId, 'connected');
        // Whoever sees the desktop is seen, also by a page that opens no channel.
        if (this.#peers.get(peerId) === peer) this.#people.add(peerId, peer.role);
        this.#options.log.info({ peer: peerId }, 'peer connected');
      },
      onClosed: (reason) => this.#onClosed(peerId, peer, reason),
      onMove(move) {
        onInput();
        injector.move(move);
      },
      onInput(event) {
        // A page that loses the focus lets go of what is held, used or not.
        if (event.t !== 'release') onInput();
        injector.handle(peerId, event);
        if (event.t !== 'release') resizer.use(peerId);
      },
      isTurn: () => this.#people.isTurnOf(peerId),
      onControl: (request) => this.#onControl(peerId, peer, request),
      onChannelOpen: () => this.#welcome(peerId, peer),
      onKeyFrameWanted: () => lanes.requestKeyFrame(peer),
      onFlow: () => lanes.updateFlow(peer),
      onListens: (listens) => (listens ? sound?.join(peer) : sound?.leave(peer)),
    });
    return peer;
  }

  /** What the controller lets, and the machine was made for: neither alone. */
  #mayListen({ audio }: Offer): boolean {
    return audio === true && this.#options.sound !== undefined;
  }

  #welcome(peerId: string, peer: Peer): void {
    this.#tellSize(peer);
    peer.channels.tell({ t: 'policy', clipboard: peer.channels.clipboard, ...(peer.audio && { audio: true }) });
    if (this.#cursor) peer.channels.tell(this.#cursor);
    this.#people.greet(peerId);
  }

  #tellSize({ channels, role }: Peer): void {
    const { getSize, resizer } = this.#options;
    channels.tell({ t: 'display', ...getSize(), resizable: role === 'control' && resizer.isFree, nudges: role === 'control' });
  }

  #onClosed(peerId: string, peer: Peer, reason: string): void {
    this.#options.lanes.leave(peer);
    this.#options.sound?.leave(peer);
    if (this.#peers.get(peerId) !== peer) return;
    this.#peers.delete(peerId);
    this.#options.injector.handle(peerId, { t: 'release' });
    this.#people.remove(peerId);
    if (reason !== REPLACED) this.#options.resizer.leave(peerId);
    this.#options.log.info({ peer: peerId, reason, droppedMessages: peer.channels.dropped }, 'peer closed');
    this.#tell(peerId, 'closed', reason);
  }

  /** False for what has no meaning now. */
  #onControl(peerId: string, peer: Peer, request: ControlRequest): boolean {
    if (request.t === 'name' || request.t === 'turn') return this.#people.handle(peerId, request);
    if (request.t === 'ping') peer.channels.tell({ t: 'pong', at: request.at });
    else if (request.t === 'size') this.#options.resizer.wish(peerId, { width: request.width, height: request.height });
    else if (request.t === 'keyframe') this.#options.lanes.requestKeyFrame(peer);
    return true;
  }

  #tell(peerId: string, state: string, reason?: string): void {
    this.#states.delete(peerId);
    this.#states.set(peerId, { peerId, state, ...(reason !== undefined && { reason }) });
    for (const [id, { state: known }] of this.#states) if (known === 'closed' && this.#states.size > REMEMBERED) this.#states.delete(id);
    this.#options.onChange();
  }

  #tellStats(): void {
    if (this.#peers.size === 0) return;
    const rateOf = this.#options.lanes.takeRates(STATS_MS);
    const { encoderName: encoder } = this.#options.lanes;
    for (const peer of this.#peers.values()) {
      const { channels, dropped, ignored, targetKbps, queueMs } = peer;
      const link = { linkKbps: Math.round(targetKbps), queueMs: Math.round(queueMs) };
      channels.tell({ t: 'stats', ...rateOf(peer), encoder, dropped, ignored, ...link });
    }
  }
}
