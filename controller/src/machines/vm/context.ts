import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CgroupLayout } from '../shim/cgroup-plan.ts';
import { readCgroupLayout } from '../shim/cgroup.ts';
import { prepareTemplate } from './overlay-template.ts';
import { toVmStage } from './paths.ts';

export interface VmDriverOptions {
  /** Directory of this instance below /run. */
  runDir: string;
  instance: string;
  /** More words of the kernel line. */
  kernelArgs: readonly string[];
  diskMib: number;
  log: Logger;
}

/** What all verbs of one driver of virtual machines share. */
export interface VmContext {
  instance: string;
  stage: string;
  templateDir: string;
  kernelArgs: readonly string[];
  log: Logger;
  /** Path of an empty overlay of so many MiB; machines that start together wait for one. */
  template(sizeMib: number): Promise<string>;
  /** Read when it is first needed: building a driver asks nothing of the host. */
  layout(): Promise<CgroupLayout>;
}

export function createVmContext({ runDir, instance, kernelArgs, log }: VmDriverOptions): VmContext {
  const templateDir = join(runDir, 'templates');
  const templates = new Map<number, Promise<string>>();
  let layout: Promise<CgroupLayout> | undefined;
  return {
    instance,
    stage: toVmStage(instance),
    templateDir,
    kernelArgs,
    log,
    template(sizeMib) {
      const ready = templates.get(sizeMib) ?? prepareTemplate(templateDir, sizeMib);
      templates.set(sizeMib, ready);
      // The next one tries again.
      ready.catch(() => templates.delete(sizeMib));
      return ready;
    },
    layout: () => (layout ??= readCgroupLayout()),
  };
}
