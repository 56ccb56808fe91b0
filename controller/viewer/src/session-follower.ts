import type { ViewerQuality } from '#contract/quality';
import { OrielError, type Session, type ViewerClient } from '../../client/index.ts';
import { toSkewMs } from './progress.ts';
import { isOver, isViewable, keepHeartbeat, watchSession } from './session-watch.ts';
import { STRINGS } from './strings.ts';
import { renewToken } from './token-renewal.ts';

export type Trouble = { status: number; code: string; message: string; isFinal: boolean };

export type FollowerEvents = {
  onChange: () => void;
  /** Each version of the session that the controller tells of. */
  onSession: (session: Session) => void;
  onTrouble: (trouble: Trouble) => void;
  /** The token that is to be used from now on. */
  onToken: (token: string) => void;
  readQuality: () => ViewerQuality | undefined;
};

/** What the controller says of the session, the newest. */
export class SessionFollower {
  readonly #onChange: () => void;
  readonly #onSession: (session: Session) => void;
  readonly #onTrouble: (trouble: Trouble) => void;
  readonly #onToken: (token: string) => void;
  /** Told to the controller. */
  readonly #readQuality: () => ViewerQuality | undefined;
  session: Session | undefined;
  trouble: Trouble | undefined;
  /** What the machine of a failed session said last. */
  console: readonly string[] = [];
  /** How much this page's clock is ahead of the controller's. */
  skewMs: number | undefined;

  constructor(events: FollowerEvents) {
    this.#onChange = events.onChange;
    this.#onSession = events.onSession;
    this.#onTrouble = events.onTrouble;
    this.#onToken = events.onToken;
    this.#readQuality = events.readQuality;
  }

  get isOver(): boolean {
    return !!this.session && isOver(this.session.status);
  }

  /** There is a desktop to connect to. */
  get isOpen(): boolean {
    return !!this.session && isViewable(this.session.status) && !this.trouble?.isFinal;
  }

  /** Follows the session, and says that someone looks, until it is over or `signal` aborts. */
  async follow(client: ViewerClient, id: string, token: string, signal: AbortSignal): Promise<void> {
    if (!id) return this.#hear(new OrielError(0, 'no_session', STRINGS.noSession), true);
    if (!token) return this.#hear(new OrielError(0, 'no_token', STRINGS.noToken), true);
    const over = new AbortController();
    const following = AbortSignal.any([signal, over.signal]);
    void keepHeartbeat(client, id, this.#readQuality, following);
    void renewToken(client, id, this.#onToken, following);
    await watchSession(
      client,
      id,
      { onSession: (session) => this.#take(session), onTrouble: (error, isFinal) => this.#hear(error, isFinal) },
      signal,
    );
    over.abort();
    if (this.session?.status === 'failed') await this.#readConsole(client, id, signal);
  }

  /** A link that may only look is not shown it. */
  async #readConsole(client: ViewerClient, id: string, signal: AbortSignal): Promise<void> {
    const { lines } = await client.getConsole(id, { signal }).catch(() => ({ lines: [] }));
    this.console = lines;
    this.#onChange();
  }

  #take(session: Session): void {
    this.skewMs = toSkewMs(Date.now(), session.updatedAt, this.skewMs);
    [this.session, this.trouble] = [session, undefined];
    this.#onChange();
    this.#onSession(session);
  }

  #hear({ status, code, message }: OrielError, isFinal: boolean): void {
    this.trouble = { status, code, message, isFinal };
    this.#onTrouble(this.trouble);
    this.#onChange();
  }
}
