import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Session } from '#contract/session';
import { Api } from '#test/api';
import { takeCensus } from '#test/census';
import { findLeftOver } from '#test/left-over';
import { assert } from '#test/suite';
import { toConfig, type Config } from '../../src/config.ts';
import { startController, type Controller } from '../../src/process/controller.ts';
import { takeDown } from '../../src/process/down.ts';
import { openStore } from '../../src/store/store.ts';
import { createFakeDriver } from '../../../test/kit/fake-machines/driver.ts';

const LIMIT_MS = 20_000;
const BODY = { userId: 'ann', provider: 'desktop' };

/** A controller in this process, on fake machines: their shims, control groups, networks and the egress process are real. Needs `makeInternet` before. */
export class FakeHost {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-host-'));
  readonly disks = { data: join(this.dir, 'data'), run: join(this.dir, 'run') };
  readonly env: Record<string, string>;
  readonly config: Config;
  /** What the controller logged, a JSON line each. */
  readonly logged: string[] = [];
  readonly #instance: string;
  #before: string[] = [];
  #controller: Controller | undefined;
  api!: Api;

  constructor(instance: string, env: Record<string, string> = {}) {
    this.#instance = instance;
    this.env = {
      ORIEL_DATA_DIR: this.disks.data,
      ORIEL_RUN_DIR: this.disks.run,
      ORIEL_INSTANCE: instance,
      ORIEL_PORT: '0',
      ORIEL_CPU_PRESSURE_MOST: '100',
      ORIEL_MEMORY_MIB: '256',
      ORIEL_MEMORY_SHARE: '0.05',
      ORIEL_STARTS_PER_MINUTE: '1000',
      ...env,
    };
    this.config = toConfig(this.env);
  }

  /** What is there now is not of what is to come. */
  takeCensus(): void {
    this.#before = takeCensus();
  }

  findLeftOver(): Promise<string[]> {
    return findLeftOver(this.#before, { instance: this.#instance, dir: this.dir });
  }

  async start(config = this.config): Promise<void> {
    const log = pino({ level: 'info' }, { write: (line: string) => void this.logged.push(line) });
    const findImage = async () => ({ id: 'fa'.repeat(32), rootfs: '/dev/null' });
    this.#controller = await startController(config, log, createFakeDriver({ ...config, log }), { findImage });
    this.api = new Api(this.#controller.url, this.#controller.startUpKey);
  }

  /** Leaves its machines to the next. */
  async leave(): Promise<void> {
    await this.#controller?.leave();
    this.#controller = undefined;
  }

  /** Ends all, as an operator does: also what a controller left that was killed. */
  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
    await takeDown(this.config, pino({ level: 'silent' }));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Starts a session; resolves with its id. */
  async begin(): Promise<string> {
    const { status, body } = await this.api.ask<{ sessionId: string }>('POST /api/auth/start', { body: BODY });
    assert.is(status, 200, JSON.stringify(body));
    return body.sessionId;
  }

  /** The same, once it can be viewed. */
  async beginReady(): Promise<string> {
    const id = await this.begin();
    await this.waitFor(id, ({ status }) => status === 'vm_created');
    return id;
  }

  async end(id: string): Promise<void> {
    assert.is((await this.api.ask(`DELETE /api/auth/session/${id}`)).status, 204);
  }

  async read(id: string): Promise<Session> {
    return (await this.api.ask<Session>(`GET /api/auth/session/${id}`)).body;
  }

  async waitFor(id: string, fits: (session: Session) => boolean): Promise<Session> {
    for (const end = performance.now() + LIMIT_MS; ; await sleep(20)) {
      const session = await this.read(id);
      if (fits(session)) return session;
      if (performance.now() > end) throw new Error(`${JSON.stringify(session)}\n${this.logged.slice(-20).join('')}`);
    }
  }

  /** Resolves when all machines of sessions that are over are taken down and off the records. */
  async isGone(): Promise<void> {
    for (const end = performance.now() + LIMIT_MS; this.#controller!.sessions.size > 0 || this.rows().length > 0; await sleep(20))
      if (performance.now() > end) throw new Error(`${JSON.stringify(this.rows())}\n${this.logged.slice(-20).join('')}`);
  }

  /** Machines on record. */
  rows() {
    const store = openStore(join(this.disks.data, 'oriel.db'), undefined, 5_000);
    try {
      return store.machines.list();
    } finally {
      store.close();
    }
  }
}
