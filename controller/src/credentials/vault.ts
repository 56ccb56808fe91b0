import type { Credentials, CredentialsReply } from '#contract/sign-in';
import type { Session } from '#contract/session';
import type { Envelope } from '../auth/envelope.ts';
import { Refusal } from '../refusal.ts';
import type { CredentialTable, StoredCredentials, Whose } from '../store/credentials.ts';

export class NoCredentials extends Refusal {
  override readonly name = 'NoCredentials';
  constructor(message = 'there are no credentials of this session: it has none, or they were read, or their time is over') {
    super(404, 'no_credentials', message);
  }
}

export interface VaultOptions {
  table: CredentialTable;
  envelope: Envelope;
  /** For so long they are kept, ms. */
  keepMs: number;
  /** They go when they are read. */
  once: boolean;
  now?: () => number;
}

/** Credentials of all users, sealed in the database. They are in the clear only in what a caller is handed. */
export class Vault {
  readonly #options: VaultOptions;
  readonly #now: () => number;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** False when the session has some already, which stay. Throws StoreUnavailable. */
  keep({ sessionId, userId, provider }: Session, { files }: Credentials): boolean {
    const { table, envelope, keepMs } = this.#options;
    const owner = { sessionId, userId, provider };
    const now = this.#now();
    const enveloped = envelope.seal(JSON.stringify(files), toAbout(owner));
    return table.insert({ ...owner, ...enveloped, storedAt: toIso(now), expiresAt: toIso(now + keepMs) });
  }

  has(sessionId: string): boolean {
    return this.#options.table.find(sessionId, toIso(this.#now())) !== undefined;
  }

  /** Throws NoCredentials. */
  read(sessionId: string): CredentialsReply {
    const row = this.#options.table.find(sessionId, toIso(this.#now()));
    if (!row) throw new NoCredentials();
    return this.#open(row);
  }

  /** Whether a session of this user could be given some back. */
  hasFor(whose: Whose): boolean {
    return this.#options.table.newest(whose, toIso(this.#now())) !== undefined;
  }

  /** The newest of this user, to be given back. Throws NoCredentials. */
  readFor(whose: Whose): CredentialsReply {
    const row = this.#options.table.newest(whose, toIso(this.#now()));
    if (!row) throw new NoCredentials('there are no credentials of this user and provider that could be given back');
    return this.#open(row);
  }

  /** Puts all under the newest master key. Returns how many were under another one, and how many of them no key opens. */
  rewrap(newest: string): { done: number; lost: number } {
    const { table, envelope } = this.#options;
    const rows = table.sealedOtherwise(newest, MOST);
    let done = 0;
    for (const row of rows) {
      const wrapped = envelope.rewrap(row, toAbout(row));
      if (!wrapped) continue;
      table.rewrap(row.sessionId, wrapped);
      done += 1;
    }
    return { done, lost: rows.length - done };
  }

  #open(row: StoredCredentials): CredentialsReply {
    const { table, envelope, once } = this.#options;
    const text = envelope.open(row, toAbout(row));
    if (text === undefined)
      throw new Refusal(500, 'credentials_sealed', `the credentials are sealed by the key ${row.keyId}, which the controller has not`);
    // Of two who ask at the same time for what can be read once, one gets it.
    if (!table.countRead(row.sessionId, once)) throw new NoCredentials();
    const { provider, userId, storedAt, expiresAt } = row;
    return { provider, userId, files: JSON.parse(text) as Credentials['files'], storedAt, expiresAt };
  }
}

/** At one start; those that are left are under their old key until the next. */
const MOST = 10_000;

/** Part of the seal: the credentials of one open as nobody else's. */
function toAbout({ sessionId, userId, provider }: Pick<StoredCredentials, 'sessionId' | 'userId' | 'provider'>): string {
  return `credentials ${JSON.stringify([sessionId, userId, provider])}`;
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
