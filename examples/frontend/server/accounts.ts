import type { OrielClient, SessionStarted } from '../../../controller/client/index.ts';

/** What a page is told of an account: which files there are, never what is in them. */
export type Account = { provider: string; files: { path: string; bytes: number }[] };

type SignIn = { user: string; kept: Promise<Account> };

/** The accounts that users have connected. A real product keeps `files` encrypted, in its database; this one forgets them when it ends. */
export class Accounts {
  readonly #oriel: OrielClient;
  readonly #signIns = new Map<string, SignIn>();
  readonly #life = new AbortController();

  constructor(oriel: OrielClient) {
    this.#oriel = oriel;
  }

  /** Starts a session for a user. Throws OrielError. */
  async signIn(user: string, provider: string): Promise<SessionStarted> {
    const started = await this.#oriel.startSession({ userId: user, provider }, { signal: this.#life.signal });
    const kept = this.#keep(started.sessionId);
    // Whoever asks is told.
    kept.catch(() => undefined);
    this.#signIns.set(started.sessionId, { user, kept });
    return started;
  }

  /** What a user's own sign-in gave, as soon as it is there. Throws OrielError when it gave nothing. */
  async read(user: string | undefined, sessionId: string): Promise<Account | undefined> {
    const signIn = this.#signIns.get(sessionId);
    return signIn && signIn.user === user ? signIn.kept : undefined;
  }

  close(): void {
    this.#life.abort();
  }

  /** Not when the page says so: the controller does. (A webhook, `session.completed`, would do as well.) */
  async #keep(sessionId: string): Promise<Account> {
    const { signal } = this.#life;
    await this.#oriel.waitForEnd(sessionId, { signal });
    const { provider, files } = await this.#oriel.getCredentials(sessionId, { signal });
    return { provider, files: files.map(({ path, content }) => ({ path, bytes: Buffer.byteLength(content) })) };
  }
}
