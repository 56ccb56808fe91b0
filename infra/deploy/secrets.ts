import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { HostSettings } from '../settings/host.ts';
import type { SecretReference } from '../settings/schemas.ts';
import type { Remote } from './remote.ts';

const COMMAND_MS = 30_000;

export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
}

/** What a reference leads to. Errors name the reference and nothing of what is behind it. */
export async function readSecret(name: string, reference: SecretReference, env: NodeJS.ProcessEnv): Promise<string> {
  const missing = (why: string) => new SecretMissing(`the secret ${name} cannot be had: ${why}`);
  const value = await ('file' in reference
    ? readFile(reference.file, 'utf8').catch((error: NodeJS.ErrnoException) => Promise.reject(missing(`${reference.file}: ${error.code}`)))
    : 'env' in reference
      ? (env[reference.env] ?? Promise.reject(missing(`the variable ${reference.env} is not set`)))
      : runCommand(reference.command).catch((error: Error & { code?: number | string }) =>
          Promise.reject(missing(`${reference.command[0]} ended with ${error.code ?? 'a signal'}`)),
        ));
  if (!value.trim()) throw missing('it is empty');
  return value;
}

/** Each to its file in `dir`, for root alone. They go over standard input: nobody's list of processes has them. */
export async function placeSecrets(
  secrets: HostSettings['secrets'] = {},
  remote: Remote,
  env: NodeJS.ProcessEnv,
  dir: string,
): Promise<void> {
  // All are had before the first goes.
  const values = await Promise.all(
    Object.entries(secrets).map(async ([name, { from }]) => [name, await readSecret(name, from, env)] as const),
  );
  for (const [name, value] of values) await remote.run(`set -e; umask 077; mkdir -p ${dir}; cat >${dir}/${name}`, value);
}

async function runCommand([file, ...args]: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file!, args, { timeout: COMMAND_MS, killSignal: 'SIGKILL' });
  return stdout;
}
