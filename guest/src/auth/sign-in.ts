import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '#contract/sign-in';
import { toReason, type Log } from '../agent/log.ts';
import type { FromLogin, HomeFile, ToLogin } from '../login/protocol.ts';
import type { SignInDoor } from './controller.ts';
import { explainEnd, explainMalformed, type Ended, type Failure } from './failure.ts';
import { createJudge, type Found, type Judge, type Verdict } from './judge.ts';
import { findUnreachable, toHostPort, type Probe } from './reach.ts';

/*
 *   starting ─► waiting ─► sending ─► done
 *                  └────────┴──► failed
 */
export type SignInState = 'starting' | 'waiting' | 'sending' | 'done' | 'failed';

export interface SignInTimes {
  /** What a tool wrote just before it ended is heard of a little later. */
  settleMs: number;
  /** A file that makes no sense for so long will not make any later. */
  malformedMs: number;
  /** Between tries to reach a page, of which there are three. */
  reachMs: number;
}

export interface SignInOptions {
  job: Job;
  door: SignInDoor;
  order(order: ToLogin): void;
  probe: Probe;
  log: Log;
  times?: SignInTimes;
}

const TIMES: SignInTimes = { settleMs: 1_000, malformedMs: 15_000, reachMs: 3_000 };
const REACH_TRIES = 3;

/** One sign-in, from the tool's start to credentials that are kept by the controller and nowhere else. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #times: SignInTimes;
  readonly #found = new Map<string, Found>();
  readonly #probed = new Set<string>();
  #judge: Judge | undefined;
  #state: SignInState = 'starting';
  #malformed: NodeJS.Timeout | undefined;
  /** Counts the tool's starts: what is told of an earlier one is of no interest. */
  #run = 0;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#times = options.times ?? TIMES;
  }

  get state(): SignInState {
    return this.#state;
  }

  async start(): Promise<void> {
    const { job, door, order } = this.#options;
    const { provider, restore } = job;
    const files: HomeFile[] = restore ? ((await door.restored())?.files ?? []) : [];
    this.#judge = createJudge(provider, files);
    const { command, refresh = command, env = {}, urlPattern, files: settings = [] } = provider.login!;
    order({
      t: 'start',
      title: `Sign in to ${provider.name}`,
      command: files.length > 0 ? refresh : command,
      env,
      urlPattern,
      paths: provider.credentials.map(({ path }) => path),
      files: [...settings, ...files],
    });
  }

  /** Begins the tool again, unless it is too late. */
  restart(): boolean {
    if (this.#state !== 'waiting') return false;
    this.#run += 1;
    this.#options.order({ t: 'restart' });
    return true;
  }

  /** Never rejects. */
  async handle(news: FromLogin): Promise<void> {
    try {
      await this.#handle(news);
    } catch (error) {
      this.#options.log.error({ reason: toReason(error) }, 'sign-in broke');
    }
  }

  async #handle(news: FromLogin): Promise<void> {
    const { door, log } = this.#options;
    switch (news.t) {
      case 'started':
        log.info('login started');
        if (this.#state === 'starting') this.#state = 'waiting';
        return door.tell({ state: 'started' });
      case 'opened':
        return this.#onOpened(news.url);
      case 'file':
        this.#found.set(news.path, news);
        return this.#onFiles();
      case 'ended':
        return this.#onEnded(news);
      case 'wiped':
        log.info('credentials wiped');
        return door.wiped();
    }
  }

  async #onFiles(): Promise<void> {
    if (this.#state === 'sending' || this.#isOver) return;
    const verdict = this.#judgeNow();
    clearTimeout(this.#malformed);
    if (verdict.kind === 'signed_in') return this.#send(verdict.files);
    if (verdict.kind === 'malformed')
      this.#malformed = setTimeout(() => void this.#fail(explainMalformed(this.#name, verdict.why)), this.#times.malformedMs);
  }

  async #send(files: HomeFile[]): Promise<void> {
    const { door, order, log } = this.#options;
    this.#state = 'sending';
    log.info({ files: files.length }, 'signed in');
    try {
      await door.send({ files });
    } catch (error) {
      const reason = toReason(error);
      log.error({ reason }, 'controller does not take the credentials');
      this.#state = 'waiting';
      return this.#fail({ code: 'credentials_malformed', message: `the controller does not take the credentials: ${reason}` });
    }
    this.#found.clear();
    this.#state = 'done';
    order({ t: 'wipe' });
  }

  async #onOpened(url: string): Promise<void> {
    const { door, probe, log } = this.#options;
    const host = toHostPort(url);
    if (host === undefined || this.#probed.has(host)) return;
    this.#probed.add(host);
    log.info({ host }, 'sign-in page opened');
    await door.tell({ state: 'page_opened', host });
    let why: string | undefined;
    for (let tries = 0; tries < REACH_TRIES && this.#state === 'waiting'; tries++) {
      why = await findUnreachable([host], probe);
      if (why === undefined) return;
      await sleep(this.#times.reachMs);
    }
    if (this.#state === 'waiting') await this.#fail({ code: 'page_unreachable', message: why! });
  }

  async #onEnded(ended: Ended): Promise<void> {
    const { provider } = this.#options.job;
    const run = this.#run;
    await sleep(this.#times.settleMs);
    if (this.#state === 'sending' || this.#isOver || run !== this.#run) return;
    const verdict = this.#judgeNow();
    // What was given back, and was nothing to renew: the tool has worked with it.
    if (verdict.kind === 'restored' && ended.code === 0) return this.#send(verdict.files);
    const malformed = verdict.kind === 'malformed' ? verdict.why : undefined;
    const hosts = provider.hosts.map((name) => `${name}:443`);
    const unreachable = await findUnreachable(hosts, this.#options.probe);
    if (this.#state !== 'waiting' || run !== this.#run) return;
    await this.#fail(explainEnd(provider, ended, { malformed, unreachable }));
  }

  async #fail({ code, message }: Failure): Promise<void> {
    if (this.#isOver || this.#state === 'sending') return;
    this.#state = 'failed';
    clearTimeout(this.#malformed);
    this.#options.log.warn({ code }, 'sign-in failed');
    this.#options.order({ t: 'wipe' });
    await this.#options.door.tell({ state: 'failed', code, message });
  }

  #judgeNow(): Verdict {
    return this.#judge?.(this.#found) ?? { kind: 'missing' };
  }

  get #isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed';
  }

  get #name(): string {
    return this.#options.job.provider.name;
  }
}
