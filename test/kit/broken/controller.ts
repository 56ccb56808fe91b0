import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Session } from '#contract/session';
import { toConfig } from '../../../controller/src/config.ts';
import { startController, type Controller } from '../../../controller/src/process/controller.ts';
import { createDrivers } from '../../../controller/src/machines/choose-driver.ts';
import { Api, type Reply } from '../api.ts';
import { breakDriver, type Fault } from './driver.ts';
import { makeBrokenImage } from './image.ts';

export interface BrokenSession {
  id: string;
  /** Of the viewer's page. */
  link: string;
}

/** A controller in this process, whose machines break as they are told. Data, runtime and images are in a directory of its own. */
export class BrokenOriel {
  readonly instance = 'oriebrk';
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-broken-'));
  readonly dataDir = join(this.dir, 'data');
  readonly runDir = join(this.dir, 'run');
  readonly imagesDir = join(this.dir, 'images');
  /** What the controller logged, a JSON line each. */
  readonly logged: string[] = [];
  imageId = '';
  #controller: Controller | undefined;
  #mounted = false;
  #fault: { name: Fault; taken: () => void } | undefined;

  /** The data directory is on a disk of its own, which can be filled. */
  async start(env: Record<string, string>, dataMib = 96): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${dataMib}m,mode=700`, 'tmpfs', this.dataDir]);
    this.#mounted = true;
    await mkdir(this.imagesDir, { recursive: true });
    this.imageId = await makeBrokenImage(this.imagesDir, process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images');
    const config = toConfig({
      ORIEL_DATA_DIR: this.dataDir,
      ORIEL_RUN_DIR: this.runDir,
      ORIEL_IMAGE_DIR: this.imagesDir,
      ORIEL_PORT: '0',
      ORIEL_INSTANCE: this.instance,
      ...env,
    });
    const log = pino({}, { write: (line: string) => void this.logged.push(line) });
    this.#controller = await startController(
      config,
      log,
      breakDriver(createDrivers(config, log).container, () => this.#takeFault()),
    );
  }

  get api(): Api {
    const { url, startUpKey } = this.#controller!;
    return new Api(url, startUpKey);
  }

  /** Starts a session; resolves when its machine was told what to break. */
  async startSession(fault: Fault, userId: string = fault): Promise<BrokenSession> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#fault = { name: fault, taken: resolve };
    const session = await this.startAny(userId);
    await promise;
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

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
    if (this.#mounted) execFileSync('umount', [this.dataDir]);
    this.#mounted = false;
    rmSync(this.dir, { recursive: true, force: true });
  }

  #takeFault(): Fault {
    const fault = this.#fault;
    this.#fault = undefined;
    fault?.taken();
    return fault?.name ?? 'none';
  }
}
