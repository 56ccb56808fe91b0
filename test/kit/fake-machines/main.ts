import { pino } from 'pino';
import { toConfig } from '../../../controller/src/config.ts';
import { listenToFaultPoints } from '../../../controller/src/fault-point.ts';
import type { MachineDriver, MachineImage } from '../../../controller/src/machines/driver.ts';
import { createDrivers } from '../../../controller/src/machines/choose-driver.ts';
import { startController } from '../../../controller/src/process/controller.ts';
import { createFakeDriver } from './driver.ts';
import { createLightDriver } from './light-driver.ts';

/*
 * A controller process whose machines are fakes. Its environment is the product's, and:
 *
 *   ORIEL_TEST_MACHINES   real (default: processes, namespaces, disks), light (a thousand on one host; the parent plays the agents), or
 *                         container: the product's own, of the golden image
 *   ORIEL_TEST_KILL_AT    a fault point: the process kills itself there, as hard as it can …
 *   ORIEL_TEST_KILL_NTH   … the nth time that it comes by
 *
 * Says `{"url": …, "key": …}` on standard output when it serves; to a parent with a channel, each machine that runs.
 */
export interface Serving {
  url: string;
  key: string;
}

const { ORIEL_TEST_MACHINES: machines = 'real', ORIEL_TEST_KILL_AT: killAt, ORIEL_TEST_KILL_NTH: killNth = '1' } = process.env;
const IMAGE: MachineImage = { id: 'fa'.repeat(32), rootfs: '/dev/null' };

if (killAt) {
  let left = Number(killNth);
  listenToFaultPoints((point) => {
    if (point === killAt && --left === 0) process.kill(process.pid, 'SIGKILL');
  });
}
const config = toConfig(process.env);
const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
const end = Promise.withResolvers<void>();
process.on('SIGTERM', () => end.resolve());
// Nobody else would end it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const isLight = machines === 'light';
const driver = createDriver();
const network = { createCloneNetwork: async (_: unknown, onMade: () => void) => onMade(), removeCloneNetwork: async () => undefined };
void serve();

async function serve(): Promise<void> {
  const controller = await startController(config, log, driver, {
    ...(machines !== 'container' && { findImage: async () => IMAGE }),
    ...(isLight && { ...network, listCloneNetworks: async () => [] }),
  });
  process.stdout.write(`${JSON.stringify({ url: controller.url, key: controller.startUpKey })}\n`);
  await end.promise;
  // As `serve` does: its machines are the next one's.
  await (isLight ? controller.stop() : controller.leave());
  process.exit();
}

function createDriver(): MachineDriver {
  if (machines === 'container') return createDrivers(config, log).container;
  return isLight ? createLightDriver((booted) => void process.send?.(booted)) : createFakeDriver({ ...config, log });
}
