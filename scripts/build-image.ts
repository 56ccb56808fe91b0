import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, chalk } from 'zx';

/* The image and the guest kernel; `--no-kernel` leaves the kernel out, which the container driver does not need. */

/** Exit code of a build when a locked package is no longer on the mirror (images/src/main.ts). */
const PACKAGE_VANISHED = 75;
const NO_KERNEL = '--no-kernel';

const node = $({ stdio: 'inherit', nothrow: true });
const words = process.argv.slice(2);

let exitCode = await build(process.env);
if (exitCode === PACKAGE_VANISHED && process.env.CI) {
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
  const root = await run(['build', ...words.filter((word) => word !== NO_KERNEL)], env);
  return root || words.includes(NO_KERNEL) ? root : run(['kernel'], env);
}

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return (await node({ env })`${process.execPath} images/src/main.ts ${argv}`).exitCode ?? 1;
}
