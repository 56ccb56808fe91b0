import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import type { Session } from '#contract/session';
import { toConfig, type Config } from '../../../controller/src/config.ts';
import { startController, type Controller } from '../../../controller/src/process/controller.ts';
import type { MachineDriver } from '../../../controller/src/machines/driver.ts';
import { Api, type Reply } from '../api.ts';

/** What its machines are, and how they are broken. A fault is what one of them can be told. */
export interface Breakage<Fault> {
  instance: string;
  /** Makes the images; gives the id of the latest. */
  makeImages(imagesDir: string, goldenDir: string): Promise<string>;
  /** A driver that asks for the fault of each machine that it starts. */
  createDriver(config: Config, log: Logger, nextFault: () => Fault | undefined): MachineDriver;
}

export interface BrokenSession {
  id: string;
  /** Of the viewer's page. */
  link: string;
}

/** Longest time until a session has a machine that can be told what to break. */
const FAULT_MS = 30_000;

/** A controller in this process, whose machines break as they are told. Data, runtime and images are in a directory of its own. */
export class BrokenOriel<Fault> {
  readonly instance: string;
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-broken-'));
  readonly dataDir = join(this.dir, 'data');
  readonly runDir = join(this.dir, 'run');
  readonly imagesDir = join(this.dir, 'images');
  /** What the controller logged, a JSON line each. */
  readonly logged: string[] = [];
  imageId = '';
  #controller: Controller | undefined;
  #mounted = false;
  readonly #breakage: Breakage<Fault>;
  #fault: { what: Fault; taken: () => void } | undefined;

  constructor(breakage: Breakage<Fault>) {
    this.#breakage = breakage;
    this.instance = breakage.instance;
  }

  /** The data directory is on a disk of its own, which can be filled. */
  async start(env: Record<string, string>, dataMib = 96): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${dataMib}m,mode=700`, 'tmpfs', this.dataDir]);
    this.#mounted = true;
    await mkdir(this.imagesDir, { recursive: true });
    this.imageId = await this.#breakage.makeImages(this.imagesDir, process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images');
    const config = toConfig({
      ORIEL_DATA_DIR: this.dataDir,
      ORIEL_RUN_DIR: this.runDir,
      ORIEL_IMAGE_DIR: this.imagesDir,
      ORIEL_PORT: '0',
      ORIEL_CPU_PRESSURE_MOST: '100',
      ORIEL_INSTANCE: this.instance,
      ...env,
    });
    const log = pino({}, { write: (line: string) => void this.logged.push(line) });
    this.#controller = await startController(
      config,
      log,
      this.#breakage.createDriver(config, log, () => this.#takeFault()),
    );
  }

  get api(): Api {
    const { url, startUpKey } = this.#controller!;
    return new Api(url, startUpKey);
  }

  /** Starts a session; resolves when its machine was told what to break. */
  async startSession(fault: Fault, userId = String(fault)): Promise<BrokenSession> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#fault = { what: fault, taken: resolve };
    const session = await this.startAny(userId);
    const early = this.waitForEnd(session.id, FAULT_MS).then(({ reason }) => {
      if (this.#fault) throw new Error(`it ended before it had a machine to break: ${reason?.message}`);
    });
    await Promise.race([promise, early]);
    early.catch(() => {});
    return session;
  }

  /** Starts a session that need not get as far as a machine. */
  async startAny(userId: string): Promise<BrokenSession> {
    const { status, body } = (await this.api.ask('POST /api/auth/start', { body: { userId, provider: 'desktop' } })) as Reply<{
      sessionId: string;
      viewer: { url: string };
    }>;
    if (status !== 200) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
    return { id: body.sessionId, link: body.viewer.url };
  }

  /** Sessions of which something is there. */
  get sessionCount(): number {
    return this.#controller!.sessions.size;
  }

  read(id: string): Session {
    return this.#controller!.sessions.read(id);
  }

  /** What the API says of a session that has left the states of a living one. */
  async waitForEnd(id: string, timeoutMs: number): Promise<Session> {
    const session = async () => (await this.api.ask<Session>(`GET /api/auth/session/${id}`)).body;
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(100)) {
      const now = await session();
      if (!['pending', 'vm_creating', 'vm_created'].includes(now.status)) return now;
    }
    throw new Error(`still ${(await session()).status} after ${timeoutMs} ms`);
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
    if (this.#mounted) execFileSync('umount', [this.dataDir]);
    this.#mounted = false;
    rmSync(this.dir, { recursive: true, force: true });
  }

  #takeFault(): Fault | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    fault?.taken();
    return fault?.what;
  }
}
