import type { Session } from '#contract/session';
import { isOver } from '../../src/session-watch.ts';
import type { OperatorApi } from './api.ts';

/** Read at the same time: many that change together do not keep one that is looked at waiting. */
const AT_ONCE = 6;
/** Sessions that are over and still shown. */
const OVER_MAX = 200;

/** The sessions as the page knows them: each is read anew when an event tells of it. */
export class KnownSessions {
  readonly #api: OperatorApi;
  readonly #onChange: (session: Session) => void;
  readonly #onForget: (id: string) => void;
  readonly #known = new Map<string, Session>();
  readonly #wanted = new Set<string>();
  #reading = 0;

  constructor(api: OperatorApi, onChange: (session: Session) => void, onForget: (id: string) => void) {
    this.#api = api;
    this.#onChange = onChange;
    this.#onForget = onForget;
  }

  get(id: string): Session | undefined {
    return this.#known.get(id);
  }

  /** Those whose phases go on without an event. */
  get starting(): string[] {
    return [...this.#known.values()]
      .filter(({ status }) => status === 'pending' || status === 'vm_creating')
      .map(({ sessionId }) => sessionId);
  }

  /** Reads it soon, once, however often it is asked for. */
  want(id: string): void {
    this.#wanted.add(id);
    this.#pump();
  }

  take(session: Session): void {
    const known = this.#known.get(session.sessionId);
    // A reply that was overtaken by a later one.
    if (known && known.updatedAt > session.updatedAt) return;
    this.#known.set(session.sessionId, session);
    this.#onChange(session);
    if (isOver(session.status)) this.#forgetOld();
  }

  #pump(): void {
    for (const id of this.#wanted) {
      if (this.#reading >= AT_ONCE) return;
      this.#wanted.delete(id);
      void this.#read(id);
    }
  }

  async #read(id: string): Promise<void> {
    this.#reading += 1;
    try {
      this.take(await this.#api.session(id));
    } catch {
      // The next event, or the next look, reads it again.
    } finally {
      this.#reading -= 1;
      this.#pump();
    }
  }

  #forgetOld(): void {
    const over = [...this.#known.values()].filter(({ status }) => isOver(status)).sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1));
    for (const { sessionId } of over.slice(0, Math.max(0, over.length - OVER_MAX))) {
      this.#known.delete(sessionId);
      this.#onForget(sessionId);
    }
  }
}
