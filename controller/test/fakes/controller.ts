import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { GuestStatus, HelloReply } from '#contract/guest';
import { fromKernelArgs } from '#contract/kernel-line';
import { buildApp } from '../../src/app.ts';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { toConfig, type Config } from '../../src/config.ts';
import { NEEDED_SERVICES } from '../../src/sessions/readiness.ts';
import { createAudit } from '../../src/process/audit.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { FakeMachinery } from './machinery.ts';

export const API_KEY = 'k'.repeat(43);
export const VNC_SECRET = 'v'.repeat(43);
export const log = pino({ level: process.env.ORIEL_TEST_LOG ?? 'silent' });

export const READY: GuestStatus = {
  services: NEEDED_SERVICES.map((name) => ({ name, state: 'ready', sinceMs: 100, restarts: 0 })),
  marks: { x: 200, agent: 300 },
  peers: [],
};

/** Sessions over a store in a directory of its own and fake machinery. */
export class FakeController implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-test-'));
  readonly config: Config;
  readonly store: Store;
  readonly machinery = new FakeMachinery();
  readonly sessions: Sessions;
  readonly viewerTokens = createViewerTokens(new Uint8Array(32), 60_000);
  readonly keys;
  /** Room on the host's disk. */
  freeMib = 1000;
  freeDescriptors = 1000;

  constructor(env: Record<string, string> = {}) {
    this.config = toConfig({ ORIEL_DATA_DIR: this.dir, ORIEL_MAX_SESSIONS: '3', ...env });
    this.store = openStore(join(this.dir, 'oriel.db'));
    this.keys = createApiKeys(this.store.keys, API_KEY);
    const { config, store, machinery } = this;
    const room = { readFreeMib: () => this.freeMib, readFreeDescriptors: () => this.freeDescriptors };
    this.sessions = new Sessions({ config, store, machinery, log, ...room });
  }

  app(viewerDir = this.dir) {
    const { config, sessions, store, keys, viewerTokens } = this;
    return buildApp({
      config,
      sessions,
      keys,
      viewerTokens,
      log,
      viewerDir,
      audit: createAudit(store.audit, store.later, log),
      publicUrl: () => 'http://oriel.test',
      checkReady: async () => ({ ready: true, checks: {} }),
      renderMetrics: async () => ({ contentType: 'text/plain', text: '' }),
    });
  }

  /** Starts a session; resolves with its id. */
  start(userId = 'ann'): string {
    return this.sessions.start({ userId, provider: 'desktop' }).sessionId;
  }

  /** Starts a session whose guest says hello and is ready; resolves with its id when it can be viewed. */
  async startReady(userId = 'ann'): Promise<string> {
    const id = this.start(userId);
    await this.hello(id);
    this.sessions.report(this.sessions.live(id), READY);
    await this.until(id, 'vm_created');
    return id;
  }

  /** The guest's hello, as soon as its machine runs. */
  async hello(id: string): Promise<HelloReply> {
    const live = this.sessions.live(id);
    await eventually(() => this.machinery.machines.find(({ spec }) => spec.machineId === live.machineId));
    const { token, machineId, protocol } = this.configOf(id);
    return live.guest.hello(token, live.machineId, { protocol, machineId, vncSecret: VNC_SECRET });
  }

  configOf(id: string) {
    const { machineId } = this.sessions.live(id);
    return fromKernelArgs(this.machinery.machines.find(({ spec }) => spec.machineId === machineId)!.spec.configArg);
  }

  until(id: string, status: string) {
    return eventually(() => {
      const session = this.sessions.read(id);
      return session.status === status ? session : undefined;
    });
  }

  async viewerToken(sessionId: string, role: 'control' | 'view' = 'control', peerId = 'p-viewer'): Promise<string> {
    return this.viewerTokens.sign({ sessionId, peerId, role });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.machinery.release();
    await this.sessions.close();
    this.store.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** What `read` gives, once it gives something. The test's own limit ends a wait that is in vain. */
export async function eventually<T>(read: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
