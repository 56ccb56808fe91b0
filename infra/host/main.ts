import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { readPublicKey } from '../../images/src/attest/keys.ts';
import { BuildError } from '../../images/src/errors.ts';
import { verifyRelease } from '../release/verify.ts';
import { readVariable, realHost } from './host.ts';
import { installRelease, type InstallOptions, ReleaseUnhealthy, removeOriel, rollBack } from './install.ts';
import { toLayout } from './layout.ts';
import { HostUnfit, readyHost } from './ready-host.ts';

const USAGE = `usage: oriel-host install [DIR] [--env FILE|-] [--key PUBLIC.pem] [--secrets DIR] [--ready-seconds N]   make a release that is on this host the one that runs
       oriel-host rollback [--ready-seconds N]   make the one before it run again
       oriel-host remove [--data]   end all desktops and take Oriel away`;

const SAID_PLAINLY = [HostUnfit, ReleaseUnhealthy, BuildError];
const layout = toLayout();

async function install(dir: string, env: string | undefined, key: string | undefined, ready: InstallOptions): Promise<void> {
  try {
    await installWell(dir, env, key, ready);
  } finally {
    // Those that count are elsewhere by now, and those that do not are of no use.
    if (ready.secrets !== undefined) await rm(ready.secrets, { recursive: true, force: true });
  }
}

async function installWell(dir: string, env: string | undefined, key: string | undefined, ready: InstallOptions): Promise<void> {
  const wrong = await verifyRelease(dir, key ? await readPublicKey(key) : 'unsigned');
  if (wrong.length) throw new BuildError(`${dir} is not what it must be:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  const given = env === '-' ? await text(process.stdin) : env && (await readFile(env, 'utf8'));
  const variables = given ?? (await readFile(layout.env, 'utf8').catch(() => ''));
  await readyHost(realHost, readVariable(variables, 'ORIEL_DRIVER') ?? 'auto');
  await installRelease(dir, layout, realHost, { ...ready, env: given });
}

async function main(args: string[]): Promise<void> {
  const options = {
    env: { type: 'string' },
    key: { type: 'string' },
    data: { type: 'boolean' },
    'ready-seconds': { type: 'string' },
    secrets: { type: 'string' },
  } as const;
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options });
  const [verb, dir, ...rest] = positionals;
  const ready = { ...toReady(values['ready-seconds']), secrets: values.secrets };
  // The release that this program is in.
  if (verb === 'install' && rest.length === 0) return install(dir ?? join(import.meta.dirname, '../..'), values.env, values.key, ready);
  if (verb === 'rollback' && !dir) return rollBack(layout, realHost, ready);
  if (verb === 'remove' && !dir) return removeOriel(layout, realHost, { data: values.data ?? false });
  throw new BuildError(USAGE);
}

function toReady(seconds: string | undefined): InstallOptions {
  if (seconds === undefined) return {};
  const readyMs = Number(seconds) * 1000;
  if (!(readyMs > 0 && readyMs <= 3_600_000)) throw new BuildError(`--ready-seconds ${seconds}: a number up to 3600 is wanted`);
  return { readyMs };
}

// Nothing is awaited here: in the bundle this is CommonJS.
void main(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  const isPlain = SAID_PLAINLY.some((kind) => error instanceof kind);
  const isUsage = error.code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isUsage ? `${error.message}\n${USAGE}` : isPlain ? error.message : error.stack}\n`);
  process.exitCode = isUsage ? 2 : 1;
});
