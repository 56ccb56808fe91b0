import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, chalk } from 'zx';

/** Exit code of the build when a locked package is no longer on the mirror (images/src/main.ts). */
const PACKAGE_VANISHED = 75;

const node = $({ stdio: 'inherit', nothrow: true });
const build = (env: NodeJS.ProcessEnv) => node({ env })`${process.execPath} images/src/main.ts build ${process.argv.slice(2)}`;

let { exitCode } = await build(process.env);
if (exitCode === PACKAGE_VANISHED && process.env.CI) {
  // Debian's mirrors drop superseded security updates within days; a test run must not stop for that, but says so.
  const lockDir = await mkdtemp(join(tmpdir(), 'oriel-lock-'));
  console.log(
    chalk.red.bold(`THE LOCK IS OUT OF DATE. This run builds from a fresh one in ${lockDir}. Run \`just lock\` and commit images/lock.`),
  );
  const env = { ...process.env, ORIEL_LOCK_DIR: lockDir };
  const locked = await node({ env })`${process.execPath} images/src/main.ts lock`;
  exitCode = locked.exitCode === 0 ? (await build(env)).exitCode : locked.exitCode;
}
process.exitCode = exitCode ?? 1;
