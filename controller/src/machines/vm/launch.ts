import { toOwnFile } from '../../own-file.ts';
import type { MachineSpec } from '../driver.ts';
import { planShim } from '../shim/launch.ts';
import { toShimPaths } from '../shim/paths.ts';
import { planMounts, type Device } from './mounts.ts';
import { toVmPaths } from './paths.ts';

const LAUNCH = toOwnFile('machines/vm/launch.sh');
/** Runtime of the shim of every VMM. */
export const RUN = toOwnFile('machines/vm/run.sh');

/** Of 512 bytes, as `ulimit -f` has them. */
const BLOCKS_PER_MIB = 2048;

export interface VmLaunch {
  spec: MachineSpec;
  /** Where the machine's own mount namespace has what the VMM may see. */
  stage: string;
  /** Path of the empty file system that the overlay's disk is copied from. */
  template: string;
  /** Path of the kernel in the form that the VMM loads. */
  kernel: string;
  groups: readonly string[];
  /** Devices that it opens beside those that everybody may. */
  devices: readonly Device[];
  /** argv of the VMM; nothing secret: all users of the host can read it. */
  vmm: readonly string[];
}

/** argv that starts a VMM in the machine's groups and network namespace, as a user of its own, with a shim that outlives the controller. */
export function planVmLaunch({ spec, stage, template, kernel, groups, devices, vmm }: VmLaunch): string[] {
  const { launchLog } = toShimPaths(spec.runDir, spec.machineId);
  const shim = planShim(spec, '/bin/sh', [RUN, ...toUnprivileged(spec.hostUser), ...vmm, '--']);
  const { files, overlay } = toVmPaths(spec.runDir);
  const mounts = planMounts({ stage, files, rootfs: spec.image.rootfs, kernel, devices });
  const words = [stage, String(spec.hostUser), spec.netns, launchLog, template, overlay, String(spec.diskMib * BLOCKS_PER_MIB), mounts];
  const nodes = devices.map(({ path, major, minor }) => `${path}:${major}:${minor}`);
  return ['unshare', '--mount', '--propagation', 'slave', '--', 'sh', LAUNCH, ...words, ...groups, '--', ...nodes, '--', ...shim];
}

function toUnprivileged(user: number): string[] {
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}
