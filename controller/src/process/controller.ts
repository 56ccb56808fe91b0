import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import type { Viewers } from '../auth/viewers.ts';
import type { Config } from '../config.ts';
import { chooseDriver } from '../machines/choose-driver.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { toUrlHost } from '../net/url-host.ts';
import { toOwnFile } from '../own-file.ts';
import type { RouteApp } from '../routes/route-app.ts';
import type { Machinery } from '../sessions/machinery.ts';
import { toAuthDoor } from '../sessions/restart-login.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { UndoStack } from '../sessions/undo.ts';
import { watchDescriptors } from './descriptors.ts';
import { createEntrance, watchEntrance, type Entrance } from './entrance.ts';
import { layGround, type Ground } from './ground.ts';
import { hostReader } from './host.ts';
import { closeInTime, type Lifetime } from './lifetime.ts';
import { endHost } from './machinery.ts';
import { warnOfOldImage } from './old-image.ts';
import { createHosting, type Hosting, type Parts } from './hosting.ts';
import { VERSION } from './version.ts';
import { createWebhooks } from './webhooks.ts';

/** A controller that serves. */
export interface Controller {
  /** Where users reach it. */
  url: string;
  /** API key that lives as long as this process. */
  startUpKey: string;
  sessions: Sessions;
  viewers: Viewers;
  /** Ends all sessions and takes down all that was made. */
  stop(): Promise<void>;
  /** Reads again what the operator may have changed: upstreams. */
  reload(): Promise<void>;
  /** Ends this controller alone: sessions, machines and the egress process go on, until another controller takes them up. */
  leave(): Promise<void>;
}

/** All sessions' ends, one after the other at worst. */
const STOP_STEP_MS = 60_000;
/** What was asked before may be answered for so long. */
const ANSWER_MS = 5_000;
const VIEWER_DIR = toOwnFile('../viewer/dist');

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
  const life: Lifetime = { undo: new UndoStack(log, STOP_STEP_MS), leaves: false };
  try {
    const parts = { driver: driver ?? (await chooseDriver(config, log)), others };
    return await start(config, log, parts, life);
  } catch (error) {
    await life.undo.run();
    throw error;
  }
}

async function start(config: Config, log: Logger, parts: Parts, life: Lifetime): Promise<Controller> {
  const { undo } = life;
  const ground = await layGround(config, log, parts.driver, life);
  const hosting = await createHosting(config, log, parts, ground);
  const entrance = await createEntrance(config, ground.store, hosting.sessions);
  const app = await createApp(config, log, { ...ground, ...hosting, ...entrance });
  const webhooks = await createWebhooks(config, ground.store, hosting.feed, hosting.metrics, log);
  const { sessions, machinery, leftOver, waysOut } = hosting;

  // Also what these sessions do not have: a machine that could not be taken up, or down.
  undo.push('left-over machines', () => life.leaves || endHost(config, ground.store, hosting.drivers, ground.egress, log));
  // After the sessions: what they end with is told, now or by the next controller.
  undo.push('webhooks', () => webhooks.stop());
  webhooks.start();
  undo.push('left over', () => leftOver.stop());
  leftOver.start();
  undo.push('http', () => (life.leaves ? closeInTime(app.server, ANSWER_MS) : app.close()));
  undo.push('descriptors', watchDescriptors(log));
  // Before the server closes: each long poll ends with the session's last word.
  undo.push('sessions', () => (life.leaves ? sessions.leave() : sessions.close()));
  await ground.egress.ready;
  undo.push('ways out', () => waysOut.stop());
  const areWaysKnown = waysOut.start(() => sessions.users);
  await sessions.resume();
  await areWaysKnown;
  undo.push('entrance', watchEntrance(entrance, ground.store));
  hosting.signIns.resume();
  await app.listen({ host: config.bind, port: config.port, listenTextResolver: (address) => `controller serves at ${address}` });

  const url = toUrl(config, app.server.address() as AddressInfo);
  log.info(
    { version: VERSION, driver: parts.driver.name, slots: config.maxSessions, webhooks: config.webhooks.urls.length, url },
    'ready for sessions',
  );
  void machinery.snapshots?.sweep();
  void prepareAhead(machinery, log);
  void warnOfOldImage(config, log);
  life.leaves = false;
  const stop = async () => void (await undo.run());
  const leave = () => {
    life.leaves = true;
    return stop();
  };
  const { startUpKey, viewers } = entrance;
  return { url, startUpKey, viewers, sessions, reload: () => waysOut.reload(), stop, leave };
}

async function createApp(config: Config, log: Logger, parts: Ground & Hosting & Entrance): Promise<RouteApp> {
  const { keys, viewers, doors, failures, ...hosting } = parts;
  const { sessions, audit, vault, providers, iceServers, metrics, feed, machinery, checkReady, readSlots, readPool } = hosting;
  const app: RouteApp = await buildApp({
    ...{ config, log, sessions, audit, vault, providers, iceServers, toAuthDoor, keys, viewers, doors, failures, checkReady, metrics },
    viewerDir: VIEWER_DIR,
    publicUrl: () => toUrl(config, app.server.address() as AddressInfo | null),
    events: feed,
    readHost: hostReader({ config, driver: machinery.driver, version: VERSION, checkReady, readSlots, readPool }),
  });
  return app;
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
  return `http://${toUrlHost(host)}:${address?.port ?? port}`;
}
