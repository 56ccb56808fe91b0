import { join } from 'node:path';

/** What the driver keeps in a machine's own directory. */
export interface MachinePaths {
  /** OCI bundle: config.json, the shim's sockets and pid files. */
  bundle: string;
  /** The shim writes the exit code here when the machine has ended. */
  exitDir: string;
  exitFile: string;
  pidFile: string;
  launchLog: string;
}

export function toMachinePaths(runDir: string, machineId: string): MachinePaths {
  const bundle = join(runDir, 'bundle');
  const exitDir = join(runDir, 'exit');
  return {
    bundle,
    exitDir,
    exitFile: join(exitDir, machineId),
    pidFile: join(bundle, 'pid'),
    launchLog: join(runDir, 'launch.log'),
  };
}

/**
 * Where each machine, in its own mount namespace, mounts what it is made of; for everybody else an empty directory. Not
 * below the machine's directory, nor the driver's: the guest's root, an unprivileged user of the host, has to get here.
 */
export function toStage(instance: string): { stage: string; root: string; sys: string } {
  const stage = `/run/${instance}-stage`;
  return { stage, root: `${stage}/root`, sys: `${stage}/sys` };
}
