import { join } from 'node:path';
import type { Logger } from 'pino';
import { readMounts } from '../../../host/mounts.ts';
import { toCgroupLayout, type CgroupLayout } from '../../shim/cgroup-plan.ts';
import { prepareTemplate } from '../../vm/overlay-template.ts';
import { toVmStage } from '../../vm/paths.ts';
import type { Accelerator } from './argv.ts';
import type { QemuDriverOptions } from './driver.ts';

/** What all verbs of one driver share. */
export interface Context {
  instance: string;
  stage: string;
  templateDir: string;
  accelerator: Accelerator;
  kernelArgs: readonly string[];
  log: Logger;
  /** Path of an empty overlay of so many MiB; machines that start together wait for one. */
  template(sizeMib: number): Promise<string>;
  /** Read when it is first needed: building a driver asks nothing of the host. */
  layout(): Promise<CgroupLayout>;
}

export function createContext({ runDir, instance, accelerator, kernelArgs, log }: QemuDriverOptions): Context {
  const templateDir = join(runDir, 'templates');
  const templates = new Map<number, Promise<string>>();
  let layout: Promise<CgroupLayout> | undefined;
  return {
    instance,
    stage: toVmStage(instance),
    templateDir,
    accelerator,
    kernelArgs,
    log,
    template(sizeMib) {
      const ready = templates.get(sizeMib) ?? prepareTemplate(templateDir, sizeMib);
      templates.set(sizeMib, ready);
      // The next one tries again.
      ready.catch(() => templates.delete(sizeMib));
      return ready;
    },
    layout: () => (layout ??= readMounts().then(toCgroupLayout)),
  };
}
