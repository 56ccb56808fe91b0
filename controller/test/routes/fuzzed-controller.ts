import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { toHash } from '../../src/auth/hash.ts';
import type { RouteApp } from '../../src/routes/route-app.ts';
import type { LiveMachine } from '../../src/sessions/live-machine.ts';
import { OPEN_STATUSES } from '../../src/sessions/transitions.ts';
import type { Mailbox } from '../../src/signal/mailbox.ts';
import type { StoredViewer } from '../../src/store/viewers.ts';
import { FakeController, READY } from '../fakes/controller.ts';
import { toOffer } from '../../../guest/test/fakes/offer.ts';
import { KEYS, toRevokedViewer, type Caller, type Guests, type Sessions, type Target } from './callers.ts';
import type { Question } from './operations.ts';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

const STRANGER = 's-aaaaaaaaaaaaaaaaaaaa';
/** Ids that are none, as they stand in an address. */
const JUNK_IDS = [
  'x',
  's-AAAAAAAAAAAAAAAAAAAA',
  '%00',
  '..%2f..%2fhealth',
  '%F0%9F%92%A5',
  "s-'%20or%201=1--",
  'a'.repeat(90),
  '__proto__',
];
/** The viewer of a session who can be revoked without harm to those that ask. */
const toSpareViewer = (sessionId: string) => `p-spare${sessionId.slice(2)}`;
const ENDED = { code: 'stopped', message: 'by the test' };

/** Who speaks for tokens, and for keys. */
const VIEWERS = ['p-viewer', 'api'];
const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const OFFER = { type: 'offer', sdp: toOffer() } as const;

/** A controller that is asked anything, with two sessions that live whatever was asked before, and one that is over. */
export class FuzzedController {
  readonly fake: FakeController;
  readonly app: RouteApp;
  readonly #tables: [name: string, read: StatementSync][];
  readonly #db: DatabaseSync;
  #rows: { version: number; tables: Record<string, unknown> } | undefined;
  readonly #over: string;
  readonly #live: Sessions = { mine: '', foreign: '' };
  readonly #guests: Guests = { mine: { token: '', secret: '' }, foreign: { token: '', secret: '' } };

  private constructor(fake: FakeController, app: RouteApp, over: string) {
    this.fake = fake;
    this.app = app;
    this.#over = over;
    this.#db = new DatabaseSync(join(fake.dir, 'oriel.db'), { readOnly: true });
    const tables = this.#db.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
    this.#tables = tables.map(({ name }) => [name, this.#db.prepare(`select * from "${name}"`)]);
  }

  static async start(): Promise<FuzzedController> {
    const fake = new FakeController({ ORIEL_STARTS_PER_MINUTE: '1000', ORIEL_AUTH_FAILURES_PER_MINUTE: '1000000' });
    const now = new Date().toISOString();
    for (const [name, { secret, isRevoked, ...key }] of Object.entries(KEYS)) {
      fake.store.keys.insert({ id: name, name, ...key, hash: toHash(secret) }, now);
      if (isRevoked) fake.store.keys.revoke([name], now);
    }
    const app = await fake.app();
    const over = await fake.startReady('eve');
    await fake.sessions.stop(over, 'test', ENDED);
    const controller = new FuzzedController(fake, app, over);
    await controller.settle();
    return controller;
  }

  /** Both sessions as they are to be: those that were ended are started again, others that were started are ended. */
  async settle(): Promise<Sessions> {
    const { sessions } = this.fake;
    const live = this.#live;
    for (const { sessionId } of sessions.list(OPEN_STATUSES, 100))
      if (!Object.values(live).includes(sessionId)) await sessions.stop(sessionId, 'test', ENDED);
    for (const name of ['mine', 'foreign'] as const)
      if (!live[name] || !(OPEN_STATUSES as readonly string[]).includes(sessions.read(live[name]).status)) await this.#start(name);
    return live;
  }

  /** As a session that is in use: its agent has spoken with its secret, one of its viewers was revoked. */
  async #start(name: keyof Sessions): Promise<void> {
    const { fake } = this;
    const id = fake.start(name);
    const { secret } = await fake.hello(id);
    fake.sessions.live(id).guest.check(secret);
    fake.sessions.report(fake.sessions.live(id).machine, READY);
    await fake.until(id, 'vm_created');
    void giveScreenshots(fake.sessions.live(id).machine);
    const revoked = toRevokedViewer(id);
    for (const viewer of [toSpareViewer(id), revoked]) fake.store.viewers.insert(id, toViewer(viewer));
    fake.viewers.revoke(id, revoked);
    this.#live[name] = id;
    this.#guests[name] = { token: fake.configOf(id).token, secret };
  }

  async ask({ name, query, headers, payload }: Question, caller: Caller, target: Target, junk = 0): Promise<Answer> {
    const ids = { ...this.#live, over: this.#over, unknown: STRANGER, junk: JUNK_IDS[junk % JUNK_IDS.length]! };
    const authorization = await caller.toHeader(this.#live, this.#guests);
    const [method, path] = name.split(' ') as ['GET', string];
    const gone = new AbortController();
    const reply = await this.app.inject({
      method,
      url: `${path.replace('{id}', ids[target]).replace('{peer}', toSpareViewer(this.#live.mine))}${toQuery(query)}`,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(payload !== undefined && { payload }),
      payloadAsStream: true,
      signal: gone.signal,
    });
    const isStream = String(reply.headers['content-type']).startsWith('text/event-stream');
    const stream = reply.stream().on('error', () => undefined);
    if (isStream) gone.abort();
    return { status: reply.statusCode, headers: reply.headers, text: isStream ? '' : await text(stream) };
  }

  /** Each viewer has an offer, and the guests have something to say to those that they got. */
  answerOffers(): void {
    for (const id of Object.values(this.#live)) {
      const mailbox = this.fake.sessions.find(id)?.mailbox;
      for (const viewer of VIEWERS) if (mailbox && !hasOffer(mailbox, viewer)) mailbox.postOffer(viewer, { offer: OFFER, offerId: 'o1' });
      for (const signal of mailbox?.signals(0).signals ?? []) {
        if (signal.kind !== 'offer') continue;
        const { peerId, offerId } = signal;
        mailbox!.postAnswer({ peerId, offerId, answer: { type: 'answer', sdp: toOffer() }, candidates: [] });
      }
    }
  }

  /** All that a request could change: each row of the database, what waits for the guests, what was asked of the machinery. */
  state(): Record<string, unknown> {
    return {
      rows: this.#readRows(),
      signals: Object.values(this.#live).map((id) => this.fake.sessions.find(id)?.mailbox.signals(1)),
      machinery: this.fake.machinery.calls.length,
    };
  }

  /** Read anew when anything at all was written since. */
  #readRows(): Record<string, unknown> {
    const { data_version: version } = this.#db.prepare('pragma data_version').get() as { data_version: number };
    if (this.#rows?.version !== version)
      this.#rows = { version, tables: Object.fromEntries(this.#tables.map(([name, read]) => [name, read.all().map(withoutUse)])) };
    return this.#rows.tables;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    await this.app.close();
    await this.fake[Symbol.asyncDispose]();
  }
}

/** As a guest does: what is wished for is there at once. */
async function giveScreenshots({ life: { signal }, mailbox, screenshots }: LiveMachine): Promise<void> {
  for (; !signal.aborted; await mailbox.forGuest.next(signal))
    for (const one of mailbox.signals(0).signals) if (one.kind === 'screenshot') screenshots.keep(one.id, PNG);
}

/** That a key was used is written down whatever it was used for. */
function withoutUse({ used_at: _, ...row }: Record<string, unknown>): Record<string, unknown> {
  return row;
}

function toViewer(peerId: string): StoredViewer {
  return { peerId, role: 'control', createdAt: '', createdBy: 'test', expiresAt: '' };
}

function hasOffer(mailbox: Mailbox, viewer: string): boolean {
  try {
    return mailbox.offer(viewer) !== undefined;
  } catch {
    return false;
  }
}

function toQuery(query: Record<string, unknown>): string {
  const words = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(String(value).slice(0, 2000))}`);
  return words.length > 0 ? `?${words.join('&')}` : '';
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
