import { join } from 'node:path';
import type { Logger } from 'pino';
import { readOrMakeKey } from '../auth/key-file.ts';
import { createSealer } from '../auth/seal.ts';
import type { Config } from '../config.ts';
import type { PoolCount } from '../egress/pool.ts';
import { EventFeed } from '../events/feed.ts';
import { buildGuestApp } from '../guest-app.ts';
import { readFreeDescriptors } from '../host/descriptors.ts';
import { readFreeMib as readFree } from '../host/free-space.ts';
import { LeftOverWatch } from '../leftover/watch.ts';
import { createDrivers } from '../machines/choose-driver.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { readImageAge } from '../machines/image-age.ts';
import { readVmmTotals } from '../machines/vmm-totals.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { WallTotals } from '../net/wall-totals.ts';
import type { ReadyReport } from '../routes/route-app.ts';
import type { Observer } from '../sessions/ledger.ts';
import type { Machinery } from '../sessions/machinery.ts';
import { Sessions } from '../sessions/sessions.ts';
import { SignIns } from '../sessions/sign-ins.ts';
import type { AuditTable } from '../store/audit.ts';
import { createAudit } from './audit.ts';
import { drainReader } from './drain.ts';
import type { Ground } from './ground.ts';
import { createRoomReader } from './host-room.ts';
import { createMachinery } from './machinery.ts';
import { readiness } from './readiness.ts';
import { createPool, createWaysOut } from './ways-out.ts';

/** What machines are made of here. */
export interface Parts {
  driver: MachineDriver;
  /** In the place of the real machinery, as tests have it. */
  others: Partial<Machinery>;
}

/** The sessions of this host, what they need, and who watches them. */
export interface Hosting {
  sessions: Sessions;
  signIns: SignIns;
  audit: AuditTable;
  machinery: Machinery;
  /** By name: also those that machines of controllers before this one may be of. */
  drivers: Record<string, MachineDriver>;
  metrics: Metrics;
  feed: EventFeed;
  leftOver: LeftOverWatch;
  waysOut: ReturnType<typeof createWaysOut>;
  checkReady: () => Promise<ReadyReport>;
  readSlots: () => { used: number; all: number };
  readPool: (() => PoolCount[]) | undefined;
}

/** Nothing of it runs yet. */
export async function createHosting(config: Config, log: Logger, { driver, others }: Parts, ground: Ground): Promise<Hosting> {
  const { store, egress, vault, providers } = ground;
  const readFreeMib = () => readFree(config.dataDir);
  const readSlots = () => ({ used: sessions.size, all: config.maxSessions });
  const checkReady = () => isReady();
  const leftOver = new LeftOverWatch({ config, store, log });
  const pool = createPool(config.egress, { ...ground, log, onExhausted: () => metrics.upstreams.exhausted() });
  const readPool = pool && (() => pool.counts);
  const walls = new WallTotals({ instance: config.instance, log });
  const metrics = createMetrics({
    ...{ store, readSlots, checkReady, readFreeMib },
    readLeftOver: () => leftOver.counts,
    readImage: () => readImageAge(config.imageDir, config.image),
    readVmm: () => readVmmTotals(driver),
    readEgress: () => egress.totals(),
    readWarm: () => sessions.warm,
    readPool,
    readWall: () => walls.read(),
  });
  const feed = new EventFeed(store.events);
  const waysOut = createWaysOut(config.egress, { pool, egress, log, meter: metrics.upstreams });
  const machinery = { ...createMachinery(config, driver, waysOut.ways, (slot) => guests.listen(slot), walls), ...others };
  const drivers = { ...createDrivers(config, log), [driver.name]: driver };
  const sealer = createSealer(await readOrMakeKey(join(config.dataDir, 'seal.key')));
  const readHostRoom = await createRoomReader(config.instance);
  const findDrain = drainReader(config.dataDir);
  const rooms = { readFreeMib, readFreeDescriptors, readHostRoom, findDrain };
  const sessions = new Sessions({ config, store, machinery, drivers, sealer, log, observer: toObserver(metrics, feed), ...rooms });
  const isReady = readiness({ store, machinery, egress, sessions, readFreeMib, findDrain });
  const audit = createAudit(store.audit, store.later, log);
  const signIns = new SignIns({ sessions, vault, providers, audit, log });
  const guests = await buildGuestApp({ sessions, signIns, publicAddresses: config.publicAddresses, metrics, log });
  return { sessions, signIns, audit, machinery, drivers, metrics, feed, leftOver, waysOut, checkReady, readSlots, readPool };
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
