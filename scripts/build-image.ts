import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, chalk } from 'zx';
import { planImage } from './image-plan.ts';

/*
 * The image and the guest kernel; `--no-kernel` leaves the kernel out, which the container driver does not need, `--frozen` fails in CI, too,
 * when a locked package is gone.
 */

/** Exit code of a build when a locked package is no longer on the mirror (images/src/main.ts). */
const PACKAGE_VANISHED = 75;

const node = $({ stdio: 'inherit', nothrow: true });
const plan = planImage(process.argv.slice(2), Boolean(process.env.CI));

let exitCode = await build(process.env);
if (exitCode === PACKAGE_VANISHED && plan.mayLockAnew) {
  // Debian's mirrors drop superseded security updates within days; a test run must not stop for that, but says so.
  const lockDir = await mkdtemp(join(tmpdir(), 'oriel-lock-'));
  console.log(
    chalk.red.bold(`THE LOCK IS OUT OF DATE. This run builds from a fresh one in ${lockDir}. Run \`just lock\` and commit images/lock.`),
  );
  const env = { ...process.env, ORIEL_LOCK_DIR: lockDir };
  exitCode = (await run(['lock'], env)) || (await build(env));
}
process.exitCode = exitCode;

async function build(env: NodeJS.ProcessEnv): Promise<number> {
  return (await run(['build', ...plan.words], env)) || (plan.hasKernel ? run(['kernel'], env) : 0);
}

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return (await node({ env })`${process.execPath} images/src/main.ts ${argv}`).exitCode ?? 1;
}
