import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createDrivers } from '../../../controller/src/machines/choose-driver.ts';
import type { MachineSpec } from '../../../controller/src/machines/driver.ts';
import { findImage } from '../../../controller/src/machines/image.ts';
import type { Breakage } from './controller.ts';
import { useImage } from './image.ts';

/** What of a virtual machine's is to be another, told right before it is started. */
export type SpecFault = (spec: MachineSpec) => Partial<MachineSpec> | Promise<Partial<MachineSpec>>;

/** Emulated virtual machines of the golden image, made from what they should not be made from. */
export const BROKEN_VIRTUAL_MACHINES: Breakage<SpecFault> = {
  instance: 'oriebrv',
  async makeImages(imagesDir, goldenDir) {
    const { id } = await findImage(goldenDir);
    await symlink(join(goldenDir, id), join(imagesDir, id));
    await useImage(imagesDir, id);
    return id;
  },
  createDriver(config, log, nextFault) {
    const { qemu } = createDrivers(config, log);
    return { ...qemu, start: async (spec, signal) => qemu.start({ ...spec, ...(await nextFault()?.(spec)) }, signal) };
  },
};
