import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, chalk } from 'zx';
import { planImage } from './plan.ts';

/** Exit code of a build when a locked package is no longer on the mirror (images/src/main.ts). */
const PACKAGE_VANISHED = 75;

/** How a build ended, and the environment that what is built beside it must have, to be of the same lock. */
export interface Built {
  exitCode: number;
  env: NodeJS.ProcessEnv;
}

const node = $({ stdio: 'inherit', nothrow: true });

/** Builds by the words of `just build-image`, once more from a fresh lock where a locked package is gone and this run may. */
export async function buildImage(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Built> {
  const plan = planImage(words, Boolean(env.CI));
  const exitCode = await build(env);
  if (exitCode !== PACKAGE_VANISHED || !plan.mayLockAnew) return { exitCode, env };
  // Debian's mirrors drop superseded security updates within days; a test run must not stop for that, but says so.
  const lockDir = await mkdtemp(join(tmpdir(), 'oriel-lock-'));
  console.log(
    chalk.red.bold(`THE LOCK IS OUT OF DATE. This run builds from a fresh one in ${lockDir}. Run \`just lock\` and commit images/lock.`),
  );
  const fresh = { ...env, ORIEL_LOCK_DIR: lockDir };
  return { exitCode: (await run(['lock'], fresh)) || (await build(fresh)), env: fresh };

  async function build(env: NodeJS.ProcessEnv): Promise<number> {
    return (await run(['build', ...plan.words], env)) || (plan.hasKernel ? run(['kernel'], env) : 0);
  }
}

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return (await node({ env })`${process.execPath} images/src/main.ts ${argv}`).exitCode ?? 1;
}
