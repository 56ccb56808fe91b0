import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import { createApiKeys } from '../auth/api-keys.ts';
import { readOrMakeKey } from '../auth/key-file.ts';
import { createViewerTokens, type ViewerTokens } from '../auth/viewer-tokens.ts';
import type { Config } from '../config.ts';
import { startEgress } from '../egress/egress.ts';
import { KeptEgress } from '../egress/kept-egress.ts';
import { buildGuestApp } from '../guest-app.ts';
import { EventFeed } from '../events/feed.ts';
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
import { UndoStack } from '../sessions/undo.ts';
import { openStore } from '../store/store.ts';
import { createAudit } from './audit.ts';
import { hostReader } from './host.ts';
import { lockDataDir } from './lock.ts';
import { createMachinery, recoverHost } from './machinery.ts';
import { readiness } from './readiness.ts';
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
}

/** All sessions' ends, one after the other at worst. */
const STOP_STEP_MS = 60_000;
const VIEWER_DIR = fileURLToPath(new URL('../../viewer/dist', import.meta.url));

/** Starts a controller; throws with everything taken down again. */
export async function startController(config: Config, log: Logger, driver?: MachineDriver): Promise<Controller> {
  const undo = new UndoStack(log, STOP_STEP_MS);
  try {
    return await start(config, log, driver ?? (await chooseDriver(config, log)), undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function start(config: Config, log: Logger, driver: MachineDriver, undo: UndoStack): Promise<Controller> {
  await mkdir(join(config.dataDir, 'machines'), { recursive: true, mode: 0o700 });
  await mkdir(config.runDir, { recursive: true, mode: 0o755 });
  const lock = await lockDataDir(config.dataDir);
  undo.push('lock', () => lock.release());
  const store = openStore(join(config.dataDir, 'oriel.db'));
  undo.push('store', () => store.close());

  undo.push('driver', () => driver.close?.());
  undo.push('host table', () => removeHostTable(config.instance));
  await installHostTable(config.instance, config.publicAddresses);
  for (const problem of await findMediaProblems(config.instance, config.publicAddresses))
    log.warn({ problem }, 'users elsewhere may get no video');
  const egress = await KeptEgress.start({ start: () => startEgress({ runDir: config.runDir, log }), log });
  undo.push('egress', () => egress.stop());
  await recoverHost(config, store, { ...createDrivers(config, log), [driver.name]: driver }, egress, log);

  const startUpKey = newSecret();
  const viewerTokens = createViewerTokens(await readOrMakeKey(join(config.dataDir, 'viewer.key')), config.timeoutMs.session + 60_000);
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
  });
  const feed = new EventFeed(store.events);
  const machinery = createMachinery(config, driver, egress, (slot) => guests.listen(slot));
  const sessions = new Sessions({ config, store, machinery, log, observer: toObserver(metrics, feed), readFreeMib });
  const isReady = readiness({ store, machinery, egress, sessions, readFreeMib });
  const guests = await buildGuestApp({ sessions, publicAddresses: config.publicAddresses, metrics, log });
  const webhooks = await createWebhooks(config, store, feed, metrics, log);
  const app = await buildApp({
    config,
    log,
    sessions,
    viewerTokens,
    audit: createAudit(store.audit, log),
    keys: createApiKeys(store.keys, startUpKey),
    viewerDir: VIEWER_DIR,
    publicUrl: () => toUrl(config, app.server.address() as AddressInfo | null),
    checkReady,
    metrics,
    events: feed,
    readHost: hostReader({ config, driver, version: VERSION, checkReady, readSlots }),
  });
  // After the sessions: what they end with is told, now or by the next controller.
  undo.push('webhooks', () => webhooks.stop());
  webhooks.start();
  undo.push('left over', () => leftOver.stop());
  leftOver.start();
  undo.push('http', () => app.close());
  // Before the server closes: each long poll ends with the session's last word.
  undo.push('sessions', () => sessions.close());
  await app.listen({ host: config.bind, port: config.port, listenTextResolver: (address) => `controller serves at ${address}` });

  const url = toUrl(config, app.server.address() as AddressInfo);
  log.info(
    { version: VERSION, driver: driver.name, slots: config.maxSessions, webhooks: config.webhooks.urls.length, url },
    'ready for sessions',
  );
  void machinery.snapshots?.sweep();
  void prepareAhead(machinery, log);
  void warnOfOldImage(config, log);
  return { url, startUpKey, sessions, viewerTokens, stop: () => undo.run() };
}

/** Each transition is counted, and told to those who follow. */
function toObserver({ sessions }: Metrics, feed: EventFeed): Observer {
  return {
    phaseEnded: sessions.phaseEnded,
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
