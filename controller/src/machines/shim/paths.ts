import { join } from 'node:path';

/** What the shim of a machine keeps in the machine's own directory. */
export interface ShimPaths {
  /** The shim's sockets and pid files; for containers the OCI bundle, too. */
  bundle: string;
  /** The shim writes the exit code here when the machine has ended. */
  exitDir: string;
  exitFile: string;
  pidFile: string;
  launchLog: string;
}

export function toShimPaths(runDir: string, machineId: string): ShimPaths {
  const bundle = join(runDir, 'bundle');
  const exitDir = join(runDir, 'exit');
  return { bundle, exitDir, exitFile: join(exitDir, machineId), pidFile: join(bundle, 'pid'), launchLog: join(runDir, 'launch.log') };
}
