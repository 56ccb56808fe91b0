import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import { createApiKeys } from '../auth/api-keys.ts';
import { readOrMakeKey } from '../auth/key-file.ts';
import { createSealer } from '../auth/seal.ts';
import { createViewerTokens, type ViewerTokens } from '../auth/viewer-tokens.ts';
import type { Config } from '../config.ts';
import { startEgress } from '../egress/egress.ts';
import { KeptEgress } from '../egress/kept-egress.ts';
import { buildGuestApp } from '../guest-app.ts';
import { EventFeed } from '../events/feed.ts';
import { readFreeDescriptors } from '../host/descriptors.ts';
import { readFreeMib as readFree } from '../host/free-space.ts';
import { LeftOverWatch } from '../leftover/watch.ts';
import { chooseDriver, createDrivers } from '../machines/choose-driver.ts';
import { readVmmTotals } from '../machines/vmm-totals.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { readImageAge } from '../machines/image-age.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { installHostTable, removeHostTable } from '../net/host-table.ts';
import { findMediaProblems } from '../net/media-problems.ts';
import { newSecret } from '../sessions/ids.ts';
import type { Machinery } from '../sessions/machinery.ts';
import type { Observer } from '../sessions/ledger.ts';
import { Sessions } from '../sessions/sessions.ts';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import { UndoStack } from '../sessions/undo.ts';
import { openStore } from '../store/store.ts';
import { createAudit } from './audit.ts';
import { watchDescriptors } from './descriptors.ts';
import { createRoomReader } from './host-room.ts';
import { hostReader } from './host.ts';
import { lockDataDir } from './lock.ts';
import { createMachinery, endHost } from './machinery.ts';
import { readiness } from './readiness.ts';
import { startPruning } from './pruning.ts';
import { toTroubleLog } from './store-trouble.ts';
import { warnOfOldImage } from './old-image.ts';
import { VERSION } from './version.ts';
import { createWebhooks } from './webhooks.ts';

/** A controller that serves. */
export interface Controller {
  /** Where users reach it. */
  url: string;
  /** API key that lives as long as this process. */
  startUpKey: string;
  sessions: Sessions;
  viewerTokens: ViewerTokens;
  /** Ends all sessions and takes down all that was made. */
  stop(): Promise<void>;
  /** Ends this controller alone: sessions, machines and the egress process go on, until another controller takes them up. */
  leave(): Promise<void>;
}

/** All sessions' ends, one after the other at worst. */
const STOP_STEP_MS = 60_000;
/** What was asked before may be answered for so long. */
const ANSWER_MS = 5_000;
const VIEWER_DIR = fileURLToPath(new URL('../../viewer/dist', import.meta.url));

/** How this controller ends. */
interface End {
  /** Alone: what goes on without it stays. */
  leaves: boolean;
}

/**
 * Starts a controller, which goes on with what one before it left. Throws with everything taken down again, but for machines that it found.
 * `others`: machinery in the place of the real one, as tests have it.
 */
export async function startController(
  config: Config,
  log: Logger,
  driver?: MachineDriver,
  others: Partial<Machinery> = {},
): Promise<Controller> {
  const undo = new UndoStack(log, STOP_STEP_MS);
  const end: End = { leaves: false };
  try {
    const parts = { driver: driver ?? (await chooseDriver(config, log)), others };
    return await start(config, log, parts, undo, end);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

interface Parts {
  driver: MachineDriver;
  others: Partial<Machinery>;
}

async function start(config: Config, log: Logger, { driver, others }: Parts, undo: UndoStack, end: End): Promise<Controller> {
  await mkdir(join(config.dataDir, 'machines'), { recursive: true, mode: 0o700 });
  await mkdir(config.runDir, { recursive: true, mode: 0o755 });
  const lock = await lockDataDir(config.dataDir);
  undo.push('lock', () => lock.release());
  const store = openStore(join(config.dataDir, 'oriel.db'), toTroubleLog(log));
  undo.push('store', () => store.close());
  undo.push('pruning', startPruning({ store, keepDays: config.keepDays, log }));

  // Should this one not come to serve, the next may.
  end.leaves = store.machines.list().length + store.sessions.list(OPEN_STATUSES).length > 0;
  // Another process takes its time to start: meanwhile the rest is done.
  const egressStarting = KeptEgress.start({ start: () => startEgress({ runDir: config.runDir, log }), log });
  undo.push('egress', async () => end.leaves || (await egressStarting.catch(() => undefined))?.stop());
  egressStarting.catch(() => undefined);

  undo.push('driver', () => end.leaves || driver.close?.());
  undo.push('host table', () => end.leaves || removeHostTable(config.instance));
  await installHostTable(config.instance, config.publicAddresses);
  for (const problem of await findMediaProblems(config.instance, config.publicAddresses))
    log.warn({ problem }, 'users elsewhere may get no video');

  const startUpKey = newSecret();
  const viewerTokens = createViewerTokens(await readOrMakeKey(join(config.dataDir, 'viewer.key')), config.timeoutMs.session + 60_000);
  const egress = await egressStarting;
  const readFreeMib = () => readFree(config.dataDir);
  const readSlots = () => ({ used: sessions.size, all: config.maxSessions });
  const checkReady = () => isReady();
  const leftOver = new LeftOverWatch({ config, store, log });
  const metrics = createMetrics({
    store,
    readSlots,
    checkReady,
    readFreeMib,
    readLeftOver: () => leftOver.counts,
    readImage: () => readImageAge(config.imageDir, config.image),
    readVmm: () => readVmmTotals(driver),
    readEgress: () => egress.totals(),
    readWarm: () => sessions.warm,
  });
  const feed = new EventFeed(store.events);
  const machinery = { ...createMachinery(config, driver, egress, (slot) => guests.listen(slot)), ...others };
  const drivers = { ...createDrivers(config, log), [driver.name]: driver };
  const sealer = createSealer(await readOrMakeKey(join(config.dataDir, 'seal.key')));
  const readHostRoom = await createRoomReader(config.instance);
  const observer = toObserver(metrics, feed);
  const sessions = new Sessions({
    config,
    store,
    machinery,
    drivers,
    sealer,
    log,
    observer,
    readFreeMib,
    readFreeDescriptors,
    readHostRoom,
  });
  const isReady = readiness({ store, machinery, egress, sessions, readFreeMib });
  const guests = await buildGuestApp({ sessions, publicAddresses: config.publicAddresses, metrics, log });
  const webhooks = await createWebhooks(config, store, feed, metrics, log);
  const app = await buildApp({
    config,
    log,
    sessions,
    viewerTokens,
    audit: createAudit(store.audit, store.later, log),
    keys: createApiKeys(store.keys, startUpKey),
    viewerDir: VIEWER_DIR,
    publicUrl: () => toUrl(config, app.server.address() as AddressInfo | null),
    checkReady,
    metrics,
    events: feed,
    readHost: hostReader({ config, driver, version: VERSION, checkReady, readSlots }),
  });
  // Also what these sessions do not have: a machine that could not be taken up, or down.
  undo.push('left-over machines', () => end.leaves || endHost(config, store, drivers, egress, log));
  // After the sessions: what they end with is told, now or by the next controller.
  undo.push('webhooks', () => webhooks.stop());
  webhooks.start();
  undo.push('left over', () => leftOver.stop());
  leftOver.start();
  undo.push('http', () => (end.leaves ? closeInTime(app.server, ANSWER_MS) : app.close()));
  undo.push('descriptors', watchDescriptors(log));
  // Before the server closes: each long poll ends with the session's last word.
  undo.push('sessions', () => (end.leaves ? sessions.leave() : sessions.close()));
  await sessions.resume();
  await app.listen({ host: config.bind, port: config.port, listenTextResolver: (address) => `controller serves at ${address}` });

  const url = toUrl(config, app.server.address() as AddressInfo);
  log.info(
    { version: VERSION, driver: driver.name, slots: config.maxSessions, webhooks: config.webhooks.urls.length, url },
    'ready for sessions',
  );
  void machinery.snapshots?.sweep();
  void prepareAhead(machinery, log);
  void warnOfOldImage(config, log);
  end.leaves = false;
  const stop = async () => void (await undo.run());
  const leave = () => {
    end.leaves = true;
    return stop();
  };
  return { url, startUpKey, sessions, viewerTokens, stop, leave };
}

/** Takes no more connections; those on which nothing is being answered, and after `limitMs` all, are closed. */
async function closeInTime(server: Server, limitMs: number): Promise<void> {
  const limit = new AbortController();
  const late = sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([new Promise((resolve) => server.close(resolve)), late]);
  limit.abort();
  server.closeAllConnections();
}

/** Each transition is counted, and told to those who follow. */
function toObserver({ sessions, warm }: Metrics, feed: EventFeed): Observer {
  return {
    phaseEnded: sessions.phaseEnded,
    refused: sessions.refused,
    warm,
    moved(move) {
      sessions.moved(move);
      feed.changed.ring();
    },
  };
}

/** So that the first session does not wait for it. */
async function prepareAhead({ driver, findImage }: Machinery, log: Logger): Promise<void> {
  try {
    await driver.prepare?.(await findImage());
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'no session can start until there is an image');
  }
}

function toUrl({ publicUrl, bind, port }: Config, address: AddressInfo | null): string {
  if (publicUrl) return publicUrl;
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${address?.port ?? port}`;
}
