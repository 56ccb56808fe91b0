import type { ControlPolicy } from '#contract/control-policy';
import type { ControlEvent, ControlRequest } from '#contract/input';
import type { ViewerRole } from '#contract/viewer-role';
import { Turns } from './turns.ts';

export type PeopleRequest = Extract<ControlRequest, { t: 'name' | 'turn' }>;

export interface PeopleOptions {
  tell(peer: string, event: ControlEvent): void;
  /** Everything that this peer holds down goes up. */
  letGo(peer: string): void;
  askMs?: number;
  graceMs?: number;
  tellMs?: number;
}

/** Nobody sees a list change faster. */
const TELL_MS = 200;

interface Person {
  /** What the others know it by. */
  id: number;
  role: ViewerRole;
  name?: string;
}

/** Who looks at the desktop, whose turn it is, and who asks for it: told to all of them whenever it changes. */
export class People {
  readonly #options: PeopleOptions;
  readonly #turns: Turns;
  readonly #people = new Map<string, Person>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PeopleOptions) {
    this.#options = options;
    const { askMs, graceMs, letGo } = options;
    const times = { ...(askMs !== undefined && { askMs }), ...(graceMs !== undefined && { graceMs }) };
    this.#turns = new Turns({ ...times, onGone: letGo, onChange: () => this.#tell() });
  }

  set policy(policy: ControlPolicy) {
    this.#turns.policy = policy;
  }

  /** Whether it is the turn of this peer, if it may use the desktop. */
  isTurnOf(peer: string): boolean {
    return this.#turns.isTurnOf(peer);
  }

  add(peer: string, role: ViewerRole): void {
    if (this.#people.has(peer)) return;
    this.#people.set(peer, { id: ++this.#count, role });
    if (role === 'control') this.#turns.join(peer, toViewer(peer));
    this.#tell();
  }

  /** It can be told now. */
  greet(peer: string): void {
    if (this.#people.has(peer)) this.#tell();
  }

  remove(peer: string): void {
    if (!this.#people.delete(peer)) return;
    this.#turns.leave(peer);
    this.#tell();
  }

  /** False for what has no meaning now. */
  handle(peer: string, request: PeopleRequest): boolean {
    const person = this.#people.get(peer);
    if (!person) return false;
    if (request.t === 'name') {
      person.name = request.name;
      this.#tell();
      return true;
    }
    if (!('to' in request)) return request.do === 'ask' ? this.#turns.ask(peer) : this.#turns.release(peer);
    const to = [...this.#people].find(([, { id }]) => id === request.to)?.[0];
    if (to === undefined) return false;
    return request.do === 'give' ? this.#turns.give(peer, to) : this.#turns.refuse(peer, to);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turns.stop();
  }

  /** Once for all that changes at a time; and whoever changes its name all day does not keep the agent busy with telling the others. */
  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const peer of this.#people.keys()) this.#options.tell(peer, this.#toEvent(peer));
    }, this.#options.tellMs ?? TELL_MS);
  }

  #toEvent(you: string): ControlEvent {
    const people = [...this.#people].map(([peer, person]) => ({
      ...person,
      isYou: peer === you,
      hasControl: person.role === 'control' && this.#turns.isTurnOf(peer),
      isAsking: this.#turns.isAsking(peer),
    }));
    return { t: 'people', policy: this.#turns.policy, people };
  }
}

/** The controller's ids: a page's own follows the viewer's. */
const toViewer = (peer: string) => peer.split('_')[0]!;
