import { randomUUID } from 'node:crypto';
import type { GuestAnswer, GuestCandidates, GuestRefusal, SignalsReply } from '#contract/guest';
import type { Answer, Candidate, CandidatesBody, GuestSignal, OfferAccepted, OfferBody } from '#contract/signal';
import type { ClipboardPolicy } from '#contract/clipboard-policy';
import type { ControlPolicy } from '#contract/control-policy';
import type { ViewerRole } from '#contract/viewer-role';
import { Refusal } from '../refusal.ts';
import { ViewerRevoked } from '../sessions/errors.ts';
import { Bell } from './bell.ts';

/** As many pages as a slot's media ports serve: one socket each, and as many again for those that come back. */
export const PEERS_MAX = 16;
/** Browsers gather one or two dozen. */
export const TRICKLED_MAX = 256;
const BYES_MAX = 32;

/** What a viewer may do. */
export interface Allowed {
  role: ViewerRole;
  clipboard: ClipboardPolicy;
  control: ControlPolicy;
  audio?: boolean;
}

interface Letter {
  seq: number;
  signal: GuestSignal;
}

/** What one page and the guest have to say to each other about the page's newest offer. */
interface Peer {
  /** Who may speak for it. */
  viewer: string;
  offerId: string;
  offer: OfferBody['offer'];
  /** Of performance.now(). */
  offeredAt: number;
  /** For the guest: the offer, then candidates as they came. */
  letters: Letter[];
  trickled: number;
  answer: Answer | undefined;
  /** Why there will be none. */
  refusal: string | undefined;
  /** From the guest, not yet handed to the browser. */
  candidates: Candidate[];
  received: number;
}

/**
 * A session's signals, in memory: after a restart of the controller the browser offers again. A new offer takes the place of
 * the page's old one and of all that was said about it, so nothing here grows with time. Viewers name their offers; one that
 * names none means its newest.
 */
export class Mailbox {
  /** Rings for the guest. */
  readonly forGuest = new Bell();
  /** Rings for the viewers. */
  readonly forViewers = new Bell();
  readonly #isClosed: (peerId: string) => boolean;
  /** By peer id, the one that offered last at the end. */
  readonly #peers = new Map<string, Peer>();
  #byes: Letter[] = [];
  /** What else the guest is told, while somebody wants it to be. */
  readonly #told = new Set<Letter>();
  /** By viewer: what the guest is told of each that was revoked. */
  readonly #revoked = new Map<string, Letter>();
  /** Starts at the clock, not at 0: a guest's cursor from before a restart of the controller stays behind us. */
  #seq = Date.now();

  /** `isClosed`: the guest has said so of this peer. */
  constructor(isClosed: (peerId: string) => boolean = () => false) {
    this.#isClosed = isClosed;
  }

  /** Keeps an offer of one of a viewer's pages. Throws Refusal for one that was revoked since it was let in. */
  postOffer(
    viewer: string,
    { offer, candidates = [], offerId = randomUUID(), page }: OfferBody,
    { role, clipboard, control, audio }: Allowed = { role: 'view', clipboard: 'off', control: 'shared' },
  ): OfferAccepted {
    if (this.#revoked.has(viewer)) throw new ViewerRevoked();
    const peerId = toPeerId(viewer, page);
    this.#peers.delete(peerId);
    const letters = [
      this.#letter({ kind: 'offer', peerId, offerId, role, clipboard, control, ...(audio && { audio }), offer, candidates }),
    ];
    const unanswered = { answer: undefined, refusal: undefined, candidates: [], received: 0 };
    this.#peers.set(peerId, { viewer, offerId, offer, offeredAt: performance.now(), letters, trickled: candidates.length, ...unanswered });
    this.#makeRoom();
    this.forGuest.ring();
    this.forViewers.ring();
    return { offerId, peerId };
  }

  /** More candidates of an offer. Throws Refusal. */
  postCandidates(viewer: string, { offerId, candidates }: CandidatesBody): void {
    const [peerId, peer] = this.#find(viewer, offerId);
    if (peer.trickled + candidates.length > TRICKLED_MAX) throw tooMany();
    peer.trickled += candidates.length;
    peer.letters.push(this.#letter({ kind: 'candidates', peerId, offerId, candidates }));
    this.forGuest.ring();
  }

  /**
   * What the guest has not seen: all after its cursor, and for a guest that starts (0) all that is not answered. A cursor that is ahead of
   * us is another controller's, whose clock was: nothing here was seen.
   */
  signals(cursor: number): SignalsReply {
    const after = cursor > this.#seq ? 0 : cursor;
    const open = [...this.#peers.values()].filter((peer) => after > 0 || !(peer.answer || peer.refusal));
    const past = after > 0 ? [...this.#byes, ...this.#revoked.values()] : [];
    const letters = [...open.flatMap((peer) => peer.letters), ...past, ...this.#told];
    const unseen = letters.filter(({ seq }) => seq > after).sort((a, b) => a.seq - b.seq);
    return { cursor: unseen.at(-1)?.seq ?? after, signals: unseen.map(({ signal }) => signal) };
  }

  /** False when the page has another offer by now: the answer is of no use. */
  postAnswer({ peerId, ...answer }: GuestAnswer): boolean {
    const peer = this.#peers.get(peerId);
    if (peer?.offerId !== answer.offerId) return false;
    peer.answer = answer;
    this.forViewers.ring();
    return true;
  }

  /** Time since this offer, ms; undefined when the page has another by now. */
  sinceOffer({ peerId, offerId }: { peerId: string; offerId: string }): number | undefined {
    const peer = this.#peers.get(peerId);
    return peer?.offerId === offerId ? performance.now() - peer.offeredAt : undefined;
  }

  /** False when the page has another offer by now. */
  postRefusal({ peerId, offerId, reason }: GuestRefusal): boolean {
    const peer = this.#peers.get(peerId);
    if (peer?.offerId !== offerId) return false;
    peer.refusal = reason;
    this.forViewers.ring();
    return true;
  }

  /** False when the page has another offer by now. */
  postGuestCandidates({ peerId, offerId, candidates }: GuestCandidates): boolean {
    const peer = this.#peers.get(peerId);
    if (peer?.offerId !== offerId) return false;
    if (peer.received + candidates.length > TRICKLED_MAX) throw tooMany();
    peer.received += candidates.length;
    peer.candidates.push(...candidates);
    this.forViewers.ring();
    return true;
  }

  /** The viewer's newest offer. Throws Refusal when there is none. */
  offer(viewer: string): { offerId: string; offer: OfferBody['offer'] } {
    const [, { offerId, offer }] = this.#find(viewer);
    return { offerId, offer };
  }

  /** The answer to an offer, or undefined while there is none. Throws Refusal for an offer that was replaced, or that the guest refused. */
  answer(viewer: string, offerId?: string): Answer | undefined {
    const [, { answer, refusal }] = this.#find(viewer, offerId);
    if (refusal !== undefined) throw new Refusal(422, 'offer_refused', `the desktop cannot answer this offer: ${refusal}`);
    return answer;
  }

  /** The guest's candidates that were not handed out yet, or undefined while there are none. Throws Refusal. */
  takeCandidates(viewer: string, offerId?: string): CandidatesBody | undefined {
    const [, peer] = this.#find(viewer, offerId);
    return peer.candidates.length === 0 ? undefined : { offerId: peer.offerId, candidates: peer.candidates.splice(0) };
  }

  /** The page will not come back for this offer. An offer that is not there any more is no error. */
  bye(viewer: string, offerId: string): void {
    const gone = this.#search(viewer, offerId);
    if (gone) this.#dismiss(gone[0]);
  }

  /** None of the viewer's pages has a connection any more, nor gets one. */
  revoke(viewer: string): void {
    for (const [peerId, peer] of this.#peers) if (peer.viewer === viewer) this.#peers.delete(peerId);
    this.#revoked.set(viewer, this.#letter({ kind: 'revoked', viewer }));
    this.forGuest.ring();
    this.forViewers.ring();
  }

  /** Tells the guest, also one that starts; call what this gives when it need not know any more. */
  tell(signal: GuestSignal): () => void {
    const letter = this.#letter(signal);
    this.#told.add(letter);
    this.forGuest.ring();
    return () => void this.#told.delete(letter);
  }

  #letter(signal: GuestSignal): Letter {
    return { seq: ++this.#seq, signal };
  }

  #find(viewer: string, offerId?: string): [string, Peer] {
    const found = this.#search(viewer, offerId);
    if (!found) throw new Refusal(404, 'offer_unknown', 'there is no such offer, or a newer one has taken its place');
    return found;
  }

  #search(viewer: string, offerId: string | undefined): [string, Peer] | undefined {
    return [...this.#peers].findLast(([, peer]) => peer.viewer === viewer && (offerId === undefined || peer.offerId === offerId));
  }

  /** Pages that went without a word go first; then the one that offered longest ago, of the viewer who has the most. */
  #makeRoom(): void {
    if (this.#peers.size <= PEERS_MAX) return;
    const peers = [...this.#peers];
    const gone = peers.find(([peerId, { answer }]) => answer && this.#isClosed(peerId));
    const count = (viewer: string) => peers.filter(([, peer]) => peer.viewer === viewer).length;
    const most = Math.max(...peers.map(([, { viewer }]) => count(viewer)));
    this.#dismiss((gone ?? peers.find(([, { viewer }]) => count(viewer) === most)!)[0]);
  }

  #dismiss(peerId: string): void {
    this.#peers.delete(peerId);
    this.#byes = [...this.#byes, this.#letter({ kind: 'bye', peerId })].slice(-BYES_MAX);
    this.forGuest.ring();
  }
}

/** Viewers' ids have no underscore: no two viewers' pages come to the same. */
function toPeerId(viewer: string, page: string | undefined): string {
  return page === undefined ? viewer : `${viewer}_${page}`;
}

function tooMany(): Refusal {
  return new Refusal(429, 'too_many_candidates', `an offer has at most ${TRICKLED_MAX} candidates`, { retryAfterSeconds: 1 });
}
