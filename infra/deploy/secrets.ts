import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SECRETS, type HostSettings } from '../settings/host.ts';
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

/** Each to its file, for root alone. They go over standard input: nobody's list of processes has them. Says whether one is another than before. */
export async function placeSecrets(
  secrets: HostSettings['secrets'] = {},
  remote: Remote,
  env: NodeJS.ProcessEnv,
  dir = SECRETS,
): Promise<boolean> {
  // All are there before the first is changed.
  const values = await Promise.all(
    Object.entries(secrets).map(async ([name, { from }]) => [name, await readSecret(name, from, env)] as const),
  );
  let changed = false;
  for (const [name, value] of values) {
    const file = `${dir}/${name}`;
    const said = await remote.run(
      `set -e; umask 077; mkdir -p ${dir}; cat >${file}.new; cmp -s ${file}.new ${file} && rm ${file}.new || { mv ${file}.new ${file}; echo changed; }`,
      value,
    );
    changed ||= said.includes('changed');
  }
  return changed;
}

async function runCommand([file, ...args]: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file!, args, { timeout: COMMAND_MS, killSignal: 'SIGKILL' });
  return stdout;
}
