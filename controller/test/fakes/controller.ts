import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { GuestStatus, HelloReply } from '#contract/guest';
import type { Host } from '#contract/host';
import { fromKernelArgs } from '#contract/kernel-line';
import { buildApp } from '../../src/app.ts';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import type { Scope } from '../../src/auth/access.ts';
import { toHash } from '../../src/auth/hash.ts';
import { newApiKey } from '../../src/auth/new-key.ts';
import { createSealer } from '../../src/auth/seal.ts';
import { EventFeed } from '../../src/events/feed.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { AuthFailures } from '../../src/auth/failures.ts';
import { OpenDoors } from '../../src/auth/open-doors.ts';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { Viewers } from '../../src/auth/viewers.ts';
import { toConfig, type Config } from '../../src/config.ts';
import type { HostRoom } from '../../src/sessions/admission.ts';
import { NEEDED_SERVICES } from '../../src/sessions/readiness.ts';
import type { Observer } from '../../src/sessions/ledger.ts';
import { createEnvelope } from '../../src/auth/envelope.ts';
import { createIceServers } from '../../src/ice/ice-servers.ts';
import { providers } from '../../../guest/providers/index.ts';
import { Vault } from '../../src/credentials/vault.ts';
import { createAudit } from '../../src/process/audit.ts';
import { drainReader } from '../../src/process/drain.ts';
import type { LiveMachine } from '../../src/sessions/live-machine.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import { SignIns } from '../../src/sessions/sign-ins.ts';
import type { BootTime } from '../../src/host/boot-time.ts';
import type { StepLimits } from '../../src/sessions/step-limits.ts';
import type { WarmObserver } from '../../src/sessions/warm-pool.ts';
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

/** What the host has for one more machine, and who hears that it was too little. */
export interface Room {
  readHostRoom?: () => Omit<HostRoom, 'sessions'>;
  onRefused?: (of: string) => void;
  warm?: WarmObserver;
  stepLimits?: StepLimits;
  readBootTime?: () => BootTime;
}

export const HOST: Host = {
  version: '0.0.0',
  instance: 'oriel',
  startedAt: '2026-01-01T00:00:00.000Z',
  driver: { name: 'container', isolation: 'shared-kernel' },
  cpu: { cores: 2, load: [0.5, 0.4, 0.3] },
  memory: { totalMib: 4096, availableMib: 2048 },
  disk: { totalMib: 10_000, freeMib: 5000 },
  slots: { used: 0, all: 3 },
  ready: true,
  checks: { store: 'ok' },
};

/** A pool whose tests do not wait for it. */
const QUICKLY = { look: 100, firstPause: 200, rest: 100 };

let made: Buffer | undefined;

/** A new database. To make one takes 40 ms, to copy one that was made takes two: there are hundreds. */
function openFresh(path: string): Store {
  if (made) writeFileSync(path, made, { mode: 0o600 });
  else {
    openStore(path).close();
    made = readFileSync(path);
  }
  return openStore(path);
}

/** Sessions over a store in a directory of its own and fake machinery. */
export class FakeController implements AsyncDisposable {
  readonly dir: string;
  readonly config: Config;
  readonly store: Store;
  readonly machinery: FakeMachinery;
  readonly sessions: Sessions;
  readonly vault: Vault;
  readonly signIns: SignIns;
  readonly viewerTokens;
  readonly keys;
  readonly doors = new OpenDoors();
  readonly viewers: Viewers;
  readonly feed: EventFeed;
  readonly metrics;
  /** Room on the host's disk. */
  freeMib = 1000;
  readonly #before: FakeController | undefined;
  freeDescriptors = 1000;

  /** `before`: one whose directory, store and machines this one has, too. */
  constructor(
    env: Record<string, string> = {},
    before?: FakeController,
    { readHostRoom, onRefused = () => undefined, warm, stepLimits, readBootTime }: Room = {},
  ) {
    this.#before = before;
    this.dir = before?.dir ?? mkdtempSync(join(tmpdir(), 'oriel-test-'));
    this.machinery = before?.machinery ?? new FakeMachinery();
    this.config = toConfig({ ORIEL_DATA_DIR: this.dir, ORIEL_MAX_SESSIONS: '3', ...env });
    this.store = before?.store ?? openFresh(join(this.dir, 'oriel.db'));
    this.viewerTokens = createViewerTokens(new Uint8Array(32), this.config.timeoutMs.viewerToken);
    this.viewers = new Viewers({
      table: this.store.viewers,
      later: this.store.later,
      tokens: this.viewerTokens,
      doors: this.doors,
      onRevoked: (sessionId, peerId) => this.sessions.revoke(sessionId, peerId),
    });
    this.keys = createApiKeys(this.store.keys, API_KEY);
    const { config, store, machinery } = this;
    this.feed = new EventFeed(store.events);
    this.metrics = createMetrics({ store, readSlots: () => ({ used: this.sessions.size, all: config.maxSessions }) });
    const sealer = createSealer(new Uint8Array(32));
    const observer: Observer = {
      phaseEnded: this.metrics.sessions.phaseEnded,
      moved: (move) => (this.metrics.sessions.moved(move), this.feed.changed.ring()),
      refused: onRefused,
      ...(warm && { warm }),
    };
    const rooms = {
      readFreeMib: () => this.freeMib,
      readFreeDescriptors: () => this.freeDescriptors,
      findDrain: drainReader(this.dir),
      ...(readHostRoom && { readHostRoom }),
      ...(stepLimits && { stepLimits }),
      ...(readBootTime && { readBootTime }),
    };
    this.sessions = new Sessions({ config, store, machinery, sealer, log, observer, warmRhythm: QUICKLY, ...rooms });
    const envelope = createEnvelope([{ id: 'k1', key: new Uint8Array(32) }]);
    this.vault = new Vault({ table: store.credentials, envelope, ...config.credentials });
    const { sessions, vault } = this;
    this.signIns = new SignIns({ sessions, vault, providers, audit: store.audit, log, wipeMs: 200 });
  }

  async app(viewerDir = this.dir, patienceMs?: number) {
    const { config, sessions, store, keys, viewers, doors } = this;
    return buildApp({
      config,
      sessions,
      keys,
      viewers,
      doors,
      failures: new AuthFailures(config.authFailuresPerMinute),
      log,
      viewerDir,
      audit: createAudit(store.audit, store.later, log),
      publicUrl: () => 'http://oriel.test',
      checkReady: async () => ({ ready: true, checks: {} }),
      providers,
      vault: this.vault,
      toAuthDoor: () => undefined,
      iceServers: await createIceServers(config.ice, log),
      metrics: this.metrics,
      events: this.feed,
      readHost: async () => HOST,
      ...(patienceMs !== undefined && { patienceMs }),
    });
  }

  /** The controller after this one, which ends at this instant; it has not looked at anything yet. */
  async crash(env: Record<string, string> = {}, room: Room = {}): Promise<FakeController> {
    await this.sessions.leave(0);
    this.machinery.calls.length = 0;
    return new FakeController(env, this, room);
  }

  /** A key of this owner with these scopes. */
  addKey(
    owner: string,
    scopes: readonly Scope[],
    { id = `k-${owner}-${scopes.join('-')}`, expiresAt }: { id?: string; expiresAt?: string } = {},
  ): string {
    const key = newApiKey();
    this.store.keys.insert({ id, name: id, hash: toHash(key), owner, scopes, expiresAt }, new Date().toISOString());
    return key;
  }

  /** Starts a session; resolves with its id. */
  start(userId = 'ann'): string {
    return this.sessions.start({ userId, provider: 'desktop' }).sessionId;
  }

  /** Starts a session whose guest says hello and is ready; resolves with its id when it can be viewed. */
  async startReady(userId = 'ann'): Promise<string> {
    const id = this.start(userId);
    await this.hello(id);
    this.sessions.report(this.sessions.live(id).machine, READY);
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
    return this.#configOf(this.sessions.live(id).machineId);
  }

  #configOf(machineId: string) {
    return fromKernelArgs(this.machinery.machines.find(({ spec }) => spec.machineId === machineId)!.spec.configArg);
  }

  /** The one machine of the pool that has said nothing yet, as soon as it runs. */
  warmMachine(): Promise<LiveMachine> {
    return eventually(() => {
      const row = this.store.machines.list().find(({ sessionId, state }) => sessionId === undefined && state === 'started');
      return row && this.sessions.inSlot(row.slot);
    });
  }

  /** The guest of a machine of the pool says hello and is ready; resolves with its machine when it can be claimed. */
  async warmReady(): Promise<LiveMachine> {
    const { ready } = this.sessions.warm;
    const machine = await this.warmMachine();
    const { token, protocol } = this.#configOf(machine.machineId);
    const { secret } = machine.guest.hello(token, machine.machineId, { protocol, machineId: machine.machineId, vncSecret: VNC_SECRET });
    machine.guest.check(secret);
    this.sessions.report(machine, READY);
    await eventually(() => this.sessions.warm.ready > ready);
    return machine;
  }

  until(id: string, status: string) {
    return eventually(() => {
      const session = this.sessions.read(id);
      return session.status === status ? session : undefined;
    });
  }

  async viewerToken(sessionId: string, role: 'control' | 'view' = 'control', peerId = 'p-viewer'): Promise<string> {
    return (await this.viewerTokens.sign({ sessionId, peerId, role })).token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.machinery.release();
    await this.sessions.close();
    if (this.#before) return;
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
