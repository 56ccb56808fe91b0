import { toOwnFile } from '../../../own-file.ts';
import { planShim } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { RUN } from '../../vm/launch.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { planJailer, type JailPlan } from './jailer.ts';
import { toJailRoot } from './paths.ts';

const LAUNCH = toOwnFile('machines/drivers/firecracker/launch.sh');

export interface FirecrackerLaunch extends JailPlan {
  /** Path of the file system that the overlay's disk begins as. */
  template: string;
  /** Files of the host's that it may read: their paths there and in the jail. */
  files: readonly (readonly [host: string, jail: string])[];
  groups: readonly string[];
}

/** argv that starts a Firecracker in the machine's groups and in a jail, with a shim that outlives the controller. */
export function planLaunch({ template, files, groups, ...jail }: FirecrackerLaunch): string[] {
  const { spec, programs, stage } = jail;
  const { launchLog } = toShimPaths(spec.runDir, spec.machineId);
  const shim = planShim(spec, '/bin/sh', [RUN, ...planJailer(jail), '--']);
  const root = toJailRoot(stage, programs, spec.machineId);
  const words = [stage, root, String(spec.hostUser), launchLog, template, toVmPaths(spec.runDir).files];
  return ['unshare', '--mount', '--propagation', 'slave', '--', 'sh', LAUNCH, ...words, ...groups, '--', ...files.flat(), '--', ...shim];
}
