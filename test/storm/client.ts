import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { isFinal } from '../../controller/src/sessions/transitions.ts';
import type { Entry, Ledger } from './ledger.ts';
import { findProcess, isAlive } from './processes.ts';

export interface ClientOptions {
  name: string;
  origin: string;
  key: string;
  machinesDir: string;
  ledger: Ledger;
  random: () => number;
  /** The longest between two sessions. */
  pauseMs?: number;
}

const AGAIN_MS = 50;
/** The longest that a controller may be away, or a session in between. */
const PATIENCE_MS = 60_000;
const REQUEST_MS = 20_000;
const HEARTBEAT_MS = 300;
const STAY_MS = 2_500;
const PAUSE_MS = 600;
/** Of starts that were acknowledged: asked for again, as by a client whose reply was lost. */
const REPEATED = 0.3;
/** Of sessions: left running while the next one starts. */
const KEPT = 0.3;

/** One user of the storm: starts a session, watches it, shows it, ends it, and again. A controller that is away is asked until it is there. */
export class Client {
  readonly #options: ClientOptions;
  #kept: Entry | undefined;
  #count = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Lives until `end` aborts, then ends what it has. */
  async run(end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      const entry = await this.#start();
      await this.#watch(entry);
      await this.#show(entry, end);
      const before = this.#kept;
      this.#kept = undefined;
      if (this.#options.random() < KEPT) this.#kept = entry;
      else await this.#stop(entry);
      if (before) await this.#stop(before);
      await sleep(this.#options.random() * (this.#options.pauseMs ?? PAUSE_MS));
    }
    if (this.#kept) await this.#stop(this.#kept);
  }

  async #start(): Promise<Entry> {
    const { name, ledger, random } = this.#options;
    const entry = ledger.begin(`${name}-${++this.#count}`);
    for (let again = true; again; again = random() < REPEATED) {
      const { sessionId } = await this.#ask<SessionStarted>('POST', '/api/auth/start', entry, { userId: name, provider: 'desktop' });
      ledger.acknowledge(entry, sessionId);
    }
    return entry;
  }

  /** By server-sent events, to a desktop or an end. */
  async #watch(entry: Entry): Promise<void> {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
      const status = await this.#readEvents(entry).catch(() => undefined);
      if (status === 'vm_created' || (status && isFinal(status))) return;
      if (Date.now() > until)
        return this.#options.ledger.violate(`stuck: ${entry.sessionId} is ${entry.statuses.at(-1)} after ${PATIENCE_MS} ms`);
    }
  }

  /** The last status of one stream, which ends with its controller. */
  async #readEvents(entry: Entry): Promise<Session['status'] | undefined> {
    const { origin, key } = this.#options;
    const left = new AbortController();
    const response = await fetch(`${origin}/api/auth/session/${entry.sessionId}/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.any([left.signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    if (response.status === 404) this.#options.ledger.violate(`lost: there is no ${entry.sessionId} any more`);
    if (response.status !== 200) return undefined;
    try {
      for await (const event of toEvents(response.body!)) {
        this.#options.ledger.see(entry, event.status);
        if (event.status === 'vm_created' || isFinal(event.status)) return event.status;
      }
    } finally {
      left.abort();
    }
    return undefined;
  }

  /** Heartbeats for a while; its process stays the one that it was as long as it is viewable. */
  async #show(entry: Entry, end: AbortSignal): Promise<void> {
    for (const until = Date.now() + this.#options.random() * STAY_MS; !end.aborted && Date.now() < until; await sleep(HEARTBEAT_MS)) {
      await this.#ask('POST', `/api/auth/session/${entry.sessionId}/heartbeat`, entry);
      if (!(await this.#check(entry))) return;
    }
  }

  /** False when the session is over. */
  async #check(entry: Entry): Promise<boolean> {
    const { ledger, machinesDir } = this.#options;
    const { status, machine } = await this.#read(entry);
    if (status !== 'vm_created') return !isFinal(status);
    const found = findProcess(machinesDir, machine!.machineId);
    if (!entry.process) entry.seenAfter = ledger.kills;
    entry.process ??= found;
    const isSame = found !== undefined && found.pid === entry.process!.pid && isAlive(entry.process);
    // What was true before and after was true in between.
    if (isSame) ledger.survive(entry);
    else if ((await this.#read(entry)).status === 'vm_created')
      ledger.violate(`process: ${entry.sessionId} can be viewed, its process was ${entry.process?.pid} and is ${found?.pid}`);
    return true;
  }

  async #read(entry: Entry): Promise<Session> {
    const session = await this.#ask<Session>('GET', `/api/auth/session/${entry.sessionId}`, entry);
    this.#options.ledger.see(entry, session.status);
    return session;
  }

  async #stop(entry: Entry): Promise<void> {
    entry.stopAsked = true;
    await this.#ask('DELETE', `/api/auth/session/${entry.sessionId}`, entry);
    const { status } = await this.#read(entry);
    if (!isFinal(status)) this.#options.ledger.violate(`not ended: ${entry.sessionId} is ${status} after its end was confirmed`);
  }

  /** Until there is a reply. A session that is over (410) is one; a server that goes down or is full (503) is none. */
  async #ask<T>(method: string, path: string, entry: Entry, body?: unknown): Promise<T> {
    const { origin, key, ledger } = this.#options;
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
      const reply = await fetch(`${origin}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': entry.key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_MS),
      })
        .then(async (response) => ({
          status: response.status,
          retryAfter: response.headers.get('retry-after'),
          text: await response.text(),
        }))
        .catch(() => undefined);
      if (reply && reply.status < 300) return (reply.text === '' ? undefined : JSON.parse(reply.text)) as T;
      if (reply?.status === 410) return undefined as T;
      if (reply?.status === 404) throw new Error(`lost: ${method} ${path}: ${reply.text}`);
      if (reply?.status === 503 && reply.retryAfter !== null) ledger.refusals++;
      else if (reply) ledger.violate(`answer: ${method} ${path}: ${reply.status} ${reply.text}, Retry-After: ${reply.retryAfter}`);
      if (Date.now() > until)
        throw new Error(`stuck: ${method} ${path}: no good reply for ${PATIENCE_MS} ms, the last: ${reply?.status} ${reply?.text}`);
    }
  }
}

async function* toEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Session> {
  let rest = '';
  for await (const text of (body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data) as Session;
    }
  }
}
