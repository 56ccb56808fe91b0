/**
 * Where each machine, in its own mount namespace, mounts what it is made of; for everybody else an empty directory. Not
 * below the machine's directory, nor the driver's: the guest's root, an unprivileged user of the host, has to get here.
 */
export function toStage(instance: string): { stage: string; root: string; sys: string } {
  const stage = `/run/${instance}-stage`;
  return { stage, root: `${stage}/root`, sys: `${stage}/sys` };
}
