import type { ControlPolicy } from '#contract/control-policy';

/** A wish that nobody answers is granted: whoever went to lunch does not keep the others from the desktop. */
export const ASK_MS = 15_000;
/** Whoever reloads the page is back within that. */
const GRACE_MS = 5_000;

export interface TurnsOptions {
  /** The control has gone from `from`, which is to let go of what it holds. */
  onGone(from: string): void;
  /** Who has it, or who asks for it, is another. */
  onChange(): void;
  askMs?: number;
  graceMs?: number;
}

interface Taker {
  /** Whoever has the link: several pages of one may come and go. */
  viewer: string;
}

/**
 * Whose turn it is at the desktop, of those who may use it. With `shared` it is everybody's. With `one` it is the first one's, until it is
 * given away, left, or not refused to one who asks.
 */
export class Turns {
  readonly #options: Required<TurnsOptions>;
  /** Peers that may use the desktop, in the order in which they came. */
  readonly #takers = new Map<string, Taker>();
  /** Those that ask, in that order, with what grants it to them. */
  readonly #asking = new Map<string, NodeJS.Timeout>();
  /** Those that were refused, and cannot ask again for a while. */
  readonly #refused = new Map<string, NodeJS.Timeout>();
  #policy: ControlPolicy = 'shared';
  #holder: string | undefined;
  /** Who had it and is away for a moment. */
  #away: { viewer: string; timer: NodeJS.Timeout } | undefined;

  constructor(options: TurnsOptions) {
    this.#options = { askMs: ASK_MS, graceMs: GRACE_MS, ...options };
  }

  get policy(): ControlPolicy {
    return this.#policy;
  }

  /** What the controller says now. */
  set policy(policy: ControlPolicy) {
    if (policy === this.#policy) return;
    this.#policy = policy;
    this.#stopAsking();
    this.#endAway();
    this.#holder = undefined;
    if (policy === 'one') this.#chooseOne();
    else this.#options.onChange();
  }

  /** Whether it is the turn of this peer, which may use the desktop. */
  isTurnOf(peer: string): boolean {
    return this.#policy === 'shared' || peer === this.#holder;
  }

  isAsking(peer: string): boolean {
    return this.#asking.has(peer);
  }

  /** A peer that may use the desktop is there. */
  join(peer: string, viewer: string): void {
    this.#takers.set(peer, { viewer });
    if (this.#policy !== 'one') return;
    if (this.#away?.viewer === viewer || (!this.#holder && !this.#away)) this.#give(peer);
  }

  /** It is gone, for good or for a moment. */
  leave(peer: string): void {
    const taker = this.#takers.get(peer);
    if (!taker) return;
    this.#takers.delete(peer);
    this.#forget(peer);
    this.#forgive(peer);
    if (peer !== this.#holder) return;
    this.#holder = undefined;
    // Another page of the same person goes on.
    const other = [...this.#takers].find(([, { viewer }]) => viewer === taker.viewer)?.[0];
    if (other !== undefined) return this.#give(other);
    this.#away = { viewer: taker.viewer, timer: setTimeout(() => this.#passOn(), this.#options.graceMs) };
    this.#options.onChange();
  }

  /** False for what has no meaning now: the message is dropped. */
  ask(peer: string): boolean {
    if (this.#policy !== 'one' || !this.#takers.has(peer) || peer === this.#holder || this.#asking.has(peer)) return false;
    if (this.#refused.has(peer)) return false;
    if (!this.#holder && !this.#away) this.#give(peer);
    else {
      this.#startAsking(peer);
      this.#options.onChange();
    }
    return true;
  }

  /** The holder gives it to another, who need not have asked. */
  give(from: string, to: string): boolean {
    if (from !== this.#holder || from === to || !this.#takers.has(to)) return false;
    this.#give(to);
    return true;
  }

  /** The holder does not give it to one who asks. */
  refuse(from: string, to: string): boolean {
    if (from !== this.#holder || !this.#asking.has(to)) return false;
    this.#forget(to);
    this.#refused.set(
      to,
      setTimeout(() => this.#refused.delete(to), this.#options.askMs),
    );
    this.#options.onChange();
    return true;
  }

  /** The holder needs it no longer: it is the next one's, who may be nobody. */
  release(peer: string): boolean {
    if (peer !== this.#holder) return false;
    this.#passOn(peer);
    return true;
  }

  stop(): void {
    this.#stopAsking();
    for (const peer of [...this.#refused.keys()]) this.#forgive(peer);
    this.#endAway();
  }

  /** Until now all of them had it. */
  #chooseOne(): void {
    this.#passOn();
    for (const peer of this.#takers.keys()) if (peer !== this.#holder) this.#options.onGone(peer);
  }

  /** To who has asked longest, else to who came first; not to `but`. */
  #passOn(but?: string): void {
    const next = [...this.#asking.keys(), ...this.#takers.keys()].find((peer) => peer !== but);
    if (next !== undefined) return this.#give(next);
    if (but === undefined) this.#endAway();
    this.#options.onChange();
  }

  #give(peer: string): void {
    const from = this.#holder;
    this.#endAway();
    this.#forget(peer);
    this.#holder = peer;
    if (from !== undefined && from !== peer) this.#options.onGone(from);
    // Whoever has it now has as long to answer the others.
    for (const asking of [...this.#asking.keys()]) this.#startAsking(asking);
    this.#options.onChange();
  }

  /** Anew when it asks already; its place among the others stays. */
  #startAsking(peer: string): void {
    clearTimeout(this.#asking.get(peer));
    this.#asking.set(
      peer,
      setTimeout(() => this.#give(peer), this.#options.askMs),
    );
  }

  #forget(peer: string): void {
    clearTimeout(this.#asking.get(peer));
    this.#asking.delete(peer);
  }

  #forgive(peer: string): void {
    clearTimeout(this.#refused.get(peer));
    this.#refused.delete(peer);
  }

  #stopAsking(): void {
    for (const peer of [...this.#asking.keys()]) this.#forget(peer);
  }

  #endAway(): void {
    clearTimeout(this.#away?.timer);
    this.#away = undefined;
  }
}
