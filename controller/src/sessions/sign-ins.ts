import type { Provider } from '#contract/provider';
import type { Session } from '#contract/session';
import type { Credentials, Job, SignInNews } from '#contract/sign-in';
import type { Logger } from 'pino';
import type { Vault } from '../credentials/vault.ts';
import { Refusal } from '../refusal.ts';
import type { AuditTable } from '../store/audit.ts';
import type { Reason } from './ledger.ts';
import type { LiveMachine } from './live-machine.ts';
import type { Sessions } from './sessions.ts';

/** A guest that has been told that its credentials are kept has so long to wipe them. */
const WIPE_MS = 1_000;

const SIGNED_IN: Reason = { code: 'signed_in', message: 'signed in; the credentials are kept' };

export interface SignInsDeps {
  sessions: Pick<Sessions, 'ownerOf' | 'read' | 'signsIn' | 'finish' | 'list'>;
  vault: Vault;
  providers: readonly Provider[];
  audit: Pick<AuditTable, 'append'>;
  log: Logger;
  wipeMs?: number;
}

/**
 * What sessions are for, where that is more than a desktop:
 *
 *   job ─► started: authenticating ─► credentials: kept ─► wiped (or a second later): completed
 *                      └─► failed
 */
export class SignIns {
  readonly #deps: SignInsDeps;

  constructor(deps: SignInsDeps) {
    this.#deps = deps;
  }

  /** What a machine is to do, as soon as it has a session whose desktop can be viewed. */
  jobOf({ sessionId }: LiveMachine): Job | undefined {
    if (sessionId === undefined) return undefined;
    const session = this.#deps.sessions.read(sessionId);
    const provider = this.#deps.providers.find(({ id }) => id === session.provider);
    return provider && isSigningIn(session) ? { provider, restore: session.restore ?? false } : undefined;
  }

  /** What a session asked to be given back. Throws Refusal. */
  restoredFor(machine: LiveMachine): Credentials {
    const { sessions, vault, audit } = this.#deps;
    const session = this.#read(machine);
    if (!session.restore) throw new Refusal(404, 'no_credentials', 'this session is not given any back');
    const { sessionId, userId, provider } = session;
    const { files } = vault.readFor({ owner: sessions.ownerOf(sessionId) ?? '', userId, provider });
    audit.append({ who: 'guest', action: 'credentials restored', sessionId });
    return { files };
  }

  /** What the guest says of the sign-in. Throws Refusal. */
  hear(machine: LiveMachine, news: SignInNews): void {
    const { sessions } = this.#deps;
    const { sessionId } = this.#read(machine);
    if (news.state === 'failed') return void sessions.finish(sessionId, 'failed', { code: news.code, message: toPlain(news.message) });
    if (news.state === 'page_opened') machine.log.info({ host: news.host }, 'sign-in page opened');
    sessions.signsIn(sessionId);
  }

  /** Keeps what signing in gave; said twice, it is kept once. Throws Refusal, StoreUnavailable. */
  keep(machine: LiveMachine, credentials: Credentials): void {
    const { sessions, vault, audit, providers, wipeMs = WIPE_MS } = this.#deps;
    const session = this.#read(machine);
    const expected = providers.find(({ id }) => id === session.provider)?.credentials.map(({ path }) => path) ?? [];
    const paths = credentials.files.map(({ path }) => path);
    if (paths.toSorted().join() !== expected.toSorted().join())
      throw new Refusal(
        400,
        'credentials_malformed',
        `the credentials of ${session.provider} are the files ${expected.join(', ') || '(none)'}`,
      );
    sessions.signsIn(session.sessionId);
    if (!vault.keep(session, credentials)) return;
    audit.append({ who: 'guest', action: 'credentials stored', sessionId: session.sessionId });
    machine.log.info({ files: paths.length }, 'credentials kept');
    setTimeout(() => this.complete(session.sessionId), wipeMs).unref();
  }

  /** The guest has wiped them: nothing of the machine is needed any more. */
  wiped({ sessionId }: LiveMachine): void {
    if (sessionId !== undefined) this.complete(sessionId);
  }

  complete(sessionId: string): void {
    const { vault, sessions, log } = this.#deps;
    try {
      if (vault.has(sessionId)) sessions.finish(sessionId, 'completed', SIGNED_IN);
    } catch (err) {
      log.error({ err, session: sessionId }, 'a session that has signed in cannot be completed');
    }
  }

  /** A controller that ended between keeping credentials and completing their session leaves that to the next one. */
  resume(): void {
    for (const { sessionId } of this.#deps.sessions.list(['authenticating'], MOST)) this.complete(sessionId);
  }

  #read({ sessionId }: LiveMachine): Session {
    const session = sessionId === undefined ? undefined : this.#deps.sessions.read(sessionId);
    if (!session || !isSigningIn(session)) throw new Refusal(409, 'session_not_signing_in', 'no sign-in is going on in this machine');
    return session;
  }
}

/** More than one host has. */
const MOST = 10_000;

function isSigningIn({ status }: Session): boolean {
  return status === 'vm_created' || status === 'authenticating';
}

/** A guest's words, for people: lines stay. */
function toPlain(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, ' ');
}
