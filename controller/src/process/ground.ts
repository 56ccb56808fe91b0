import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provider } from '#contract/provider';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { openVault } from '../credentials/open-vault.ts';
import { readProviders } from '../credentials/providers.ts';
import type { Vault } from '../credentials/vault.ts';
import { startEgress } from '../egress/egress.ts';
import { KeptEgress } from '../egress/kept-egress.ts';
import { readUpstreams, type NamedUpstream } from '../egress/upstreams-file.ts';
import { raiseInotifyLimit, toInotifyNeed } from '../host/inotify.ts';
import { createIceServers, type IceServerList } from '../ice/ice-servers.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { toSlices } from '../machines/shim/cgroup-plan.ts';
import { installHostTable, removeHostTable } from '../net/host-table.ts';
import { findMediaProblems } from '../net/media-problems.ts';
import { shareNamespaceNames } from '../net/namespaces.ts';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Lifetime } from './lifetime.ts';
import { lockDataDir } from './lock.ts';
import { startPruning } from './pruning.ts';
import { toTroubleLog } from './store-trouble.ts';

/** What all sessions of this host stand on. */
export interface Ground {
  store: Store;
  providers: readonly Provider[];
  vault: Vault;
  iceServers: IceServerList;
  /** Being started. */
  egress: KeptEgress;
  /** What the operator's file says now; straight out without. */
  upstreams: NamedUpstream[] | undefined;
}

/**
 * Takes the data directory, opens the database, and sees to it that the host's table and the egress process are there, or on
 * their way. Throws DataDirLocked, StoreUnusable, TurnSecretInvalid, UpstreamsInvalid.
 */
export async function layGround(config: Config, log: Logger, driver: MachineDriver, life: Lifetime): Promise<Ground> {
  // What is wrong with the operator's files is told before anything is made.
  const providers = await readProviders(config.providersFile);
  const iceServers = await createIceServers(config.ice, log);
  const { upstreamsFile } = config.egress;
  const upstreams = upstreamsFile === undefined ? undefined : await readUpstreams(upstreamsFile);
  const store = await takeStore(config, log, life);
  const vault = await openVault(config.credentials, store.credentials, log);
  // Should this one not come to serve, the next may.
  life.leaves = store.machines.list().length + store.sessions.list(OPEN_STATUSES).length > 0;
  // Another process takes its time to start: meanwhile the rest is done.
  const slice = toSlices(config.instance)[0];
  const egress = new KeptEgress({ start: () => startEgress({ runDir: config.runDir, slice, log }), log });
  life.undo.push('egress', () => (life.leaves ? egress.letGo() : egress.stop()));

  life.undo.push('driver', () => life.leaves || driver.close?.());
  if (driver.isolation === 'shared-kernel') await makeRoom(config, log);
  await tieToNetwork(config, log, life);
  return { store, providers, vault, iceServers, upstreams, egress };
}

async function takeStore(config: Config, log: Logger, { undo }: Lifetime): Promise<Store> {
  const { dataDir, runDir, keepDays } = config;
  await mkdir(join(dataDir, 'machines'), { recursive: true, mode: 0o700 });
  await mkdir(runDir, { recursive: true, mode: 0o755 });
  const lock = await lockDataDir(dataDir);
  undo.push('lock', () => lock.release());
  const store = openStore(join(dataDir, 'oriel.db'), toTroubleLog(log));
  undo.push('store', () => store.close());
  undo.push('pruning', startPruning({ store, keepDays, log }));
  return store;
}

async function tieToNetwork({ instance, publicAddresses }: Config, log: Logger, life: Lifetime): Promise<void> {
  await shareNamespaceNames();
  life.undo.push('host table', () => life.leaves || removeHostTable(instance));
  await installHostTable(instance, publicAddresses);
  for (const problem of await findMediaProblems(instance, publicAddresses)) log.warn({ problem }, 'users elsewhere may get no video');
}

/** Machines of their own kernel count by themselves; the programs of all containers are of one user's count. */
async function makeRoom({ maxSessions }: Config, log: Logger): Promise<void> {
  try {
    const raised = await raiseInotifyLimit(maxSessions);
    if (raised) log.info(raised, 'fs.inotify.max_user_instances raised for container desktops');
  } catch (err) {
    log.warn({ err, needed: toInotifyNeed(maxSessions) }, 'fs.inotify.max_user_instances cannot be raised: some desktops may not boot');
  }
}
