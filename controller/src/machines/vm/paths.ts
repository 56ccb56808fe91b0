import { join } from 'node:path';

/** What a VMM has below its machine's directory. */
export interface VmPaths {
  /** The VMM's user can write here: its socket, and the overlay's disk. */
  files: string;
  overlay: string;
  /** QEMU's monitor. */
  qmp: string;
  /** Where a machine's memory comes in or goes out. */
  state: string;
}

export function toVmPaths(runDir: string): VmPaths {
  const files = join(runDir, 'vmm');
  return { files, overlay: join(files, 'overlay.ext4'), qmp: join(files, 'qmp.sock'), state: join(files, 'state.sock') };
}

/** Where each VMM, in its own mount namespace, finds what it may see; for everybody else an empty directory. */
export function toVmStage(instance: string): string {
  return `/run/${instance}-stage`;
}
