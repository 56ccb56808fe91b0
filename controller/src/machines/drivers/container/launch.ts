import { toOwnFile } from '../../../own-file.ts';
import type { MachineSpec } from '../../driver.ts';
import { planShim } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { toFirstHostId } from './host-ids.ts';
import type { MountedImage } from './image-mount.ts';
import { toStage } from './paths.ts';
import { planCrunOptions, planDetour, type Runtime } from './runtime.ts';

const SCRIPT = toOwnFile('machines/drivers/container/launch.sh');

/** argv that makes a container from its bundle, not started yet, with a shim that outlives the controller. */
export function planLaunch(spec: MachineSpec, image: MountedImage, groups: readonly string[], runtime: Runtime): string[] {
  const { launchLog } = toShimPaths(spec.runDir, spec.machineId);
  const owner = image.canShift ? toFirstHostId(spec.hostUser) : 0;
  const shim = planShim(spec, runtime.crun, planCrunOptions(runtime));
  const enter = ['unshare', '--mount', '--propagation', 'slave', '--'];
  const size = String(Math.ceil(spec.limits.memoryMib / 2));
  const words = [toStage(runtime.instance).stage, image.root, String(owner), size, spec.netns, launchLog];
  return [...enter, 'sh', SCRIPT, ...words, ...groups, '--', ...planDetour(runtime.layout, shim)];
}
