import { join } from 'node:path';
import type { Logger } from 'pino';
import { GUEST_NETWORK } from '#contract/network';
import type { Config } from '../config.ts';
import { readConsole, watchConsole } from '../machines/console.ts';
import { Snapshots } from '../machines/snapshots.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { findImage } from '../machines/image.ts';
import { findKernel } from '../machines/kernel.ts';
import { createCloneNetwork, listCloneNetworks, removeCloneNetwork } from '../net/clone-network.ts';
import type { WallTotals } from '../net/wall-totals.ts';
import type { Machinery } from '../sessions/machinery.ts';
import { endAll } from '../sessions/recover.ts';
import type { Store } from '../store/store.ts';

/** TCP ports of a guest that the controller speaks to. */
const GUEST_PORTS = [GUEST_NETWORK.websockifyPort, GUEST_NETWORK.authPort];

/** The real ones. */
export function createMachinery(
  config: Config,
  driver: MachineDriver,
  egress: Machinery['egress'],
  openGuestListener: Machinery['openGuestListener'],
  walls: Pick<WallTotals, 'close'>,
): Machinery {
  return {
    driver,
    egress,
    openGuestListener,
    findImage: () => findImage(config.imageDir, config.image),
    findKernel: () => findKernel(config.kernelDir),
    createCloneNetwork: (slot, onMade) =>
      createCloneNetwork(slot, { guestPorts: GUEST_PORTS, isPublic: config.publicAddresses.length > 0, link: driver.link }, onMade),
    async removeCloneNetwork(slot) {
      await walls.close(slot);
      await removeCloneNetwork(slot);
    },
    listCloneNetworks: () => listCloneNetworks(config.instance),
    snapshots: config.snapshots ? new Snapshots(join(config.dataDir, 'snapshots')) : undefined,
    readConsole,
    watchConsole,
  };
}

/** Ends what a controller that is not there any more left on the host, living machines too. */
export function endHost(
  config: Config,
  store: Store,
  drivers: Record<string, MachineDriver>,
  egress: Pick<Machinery['egress'], 'close'>,
  log: Logger,
): Promise<number> {
  const machinery = { egress, removeCloneNetwork, listCloneNetworks: () => listCloneNetworks(config.instance) };
  return endAll({ store, machinery, drivers, instance: config.instance, log });
}
