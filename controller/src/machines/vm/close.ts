import { rm } from 'node:fs/promises';
import { NO_LIMITS, planCgroup } from '../shim/cgroup-plan.ts';
import { removeEmpty } from '../shim/cgroup.ts';
import type { VmContext } from './context.ts';

/** Takes away what machines share, and the group directories that they shared when none of them is left. */
export async function closeHost(context: VmContext): Promise<void> {
  await rm(context.templateDir, { recursive: true, force: true });
  await removeEmpty([context.stage, ...planCgroup(await context.layout(), context.instance, 'none', NO_LIMITS).parents]);
}
