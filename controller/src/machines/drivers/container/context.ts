import { join } from 'node:path';
import type { Logger } from 'pino';
import { findCommand } from '../../../host/find-command.ts';
import { readCgroupLayout } from '../../shim/cgroup.ts';
import type { ContainerDriverOptions } from './driver.ts';
import type { MountedImage } from './image-mount.ts';
import type { Runtime } from './runtime.ts';

/** What all verbs of one driver share. */
export interface Context {
  imagesDir: string;
  log: Logger;
  /** Images being made ready, or ready, by id: machines that start together wait for one mount. */
  images: Map<string, Promise<MountedImage>>;
  /** Read when it is first needed: building a driver does nothing to the host and asks nothing of it. */
  runtime(): Promise<Runtime>;
}

export function createContext({ runDir, instance, log }: ContainerDriverOptions): Context {
  const stateDir = join(runDir, 'crun');
  let runtime: Promise<Runtime> | undefined;
  return {
    imagesDir: join(runDir, 'images'),
    log,
    images: new Map(),
    runtime: () => (runtime ??= readRuntime(instance, stateDir)),
  };
}

async function readRuntime(instance: string, stateDir: string): Promise<Runtime> {
  const [crun, layout] = await Promise.all([findCommand('crun'), readCgroupLayout()]);
  if (crun === undefined) throw new Error('crun is not installed: apt-get install crun');
  return { instance, crun, stateDir, layout };
}
