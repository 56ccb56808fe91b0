import { run } from '../../../host/run.ts';
import { createVmContext, type VmContext } from '../../vm/context.ts';
import type { Accelerator } from './argv.ts';
import type { QemuDriverOptions } from './driver.ts';

/** What all verbs of one driver share. */
export interface Context extends VmContext {
  accelerator: Accelerator;
  /** What QEMU says of itself; asked once. */
  version(): Promise<string>;
}

const VERSION_MS = 5_000;

export function createContext(options: QemuDriverOptions): Context {
  let version: Promise<string> | undefined;
  return {
    ...createVmContext(options),
    accelerator: options.accelerator,
    version: () => (version ??= run(['qemu-system-x86_64', '--version'], { timeoutMs: VERSION_MS })),
  };
}
