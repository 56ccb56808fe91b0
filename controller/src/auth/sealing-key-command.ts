import { readFile, stat, utimes } from 'node:fs/promises';
import type { AuditTable } from '../store/audit.ts';
import type { CredentialTable } from '../store/credentials.ts';
import { newKeyLine, readMasterKeys, writeMasterKeys, type KeySource } from './master-keys.ts';

const SEALING_KEY_USAGE = `usage: oriel sealing-key list         names of the keys that seal credentials, the newest first; no key itself
       oriel sealing-key rotate       a new one above the others; a restart of the controller puts all credentials under it
       oriel sealing-key drop NAME    away with an old one that seals nothing any more`;

/** What was asked for cannot be done; the message says what can. */
export class SealingKeyInvalid extends Error {
  override readonly name = 'SealingKeyInvalid';
}

export interface SealingKeyDeps {
  source: KeySource;
  store: { credentials: Pick<CredentialTable, 'sealedOtherwise'>; audit: Pick<AuditTable, 'append'> };
  who: string;
  /** For how long the controller has run, ms; undefined when none does. */
  readControllerAgeMs: () => Promise<number | undefined>;
}

/** Start times are told in steps of a clock. */
const CLOCK_STEP_MS = 50;
/** More than are kept. */
const ALL = 1_000_000;

/** Gives what there is to say. Throws SealingKeyInvalid. */
export async function runSealingKeyCommand(args: string[], deps: SealingKeyDeps): Promise<string> {
  const [verb, name, ...rest] = args;
  if (rest.length > 0 || (name === undefined) === (verb === 'drop')) throw new SealingKeyInvalid(SEALING_KEY_USAGE);
  if (deps.source.keyCommand)
    throw new SealingKeyInvalid('keys come from ORIEL_CREDENTIALS_KEY_COMMAND: whatever answers it is to print another line first');
  if (verb === 'list') return `${(await readNames(deps)).join('\n')}\n`;
  if (verb === 'rotate') return rotate(deps);
  if (verb === 'drop') return drop(name!, deps);
  throw new SealingKeyInvalid(SEALING_KEY_USAGE);
}

async function rotate(deps: SealingKeyDeps): Promise<string> {
  const { source, store, who } = deps;
  const names = await readNames(deps);
  const name = toNewName(names);
  await writeMasterKeys(source.keyFile, newKeyLine(name) + (await readFile(source.keyFile, 'utf8')));
  store.audit.append({ who, action: 'sealing key rotated', detail: `${name} after ${names[0]}` });
  return `${name} is the newest sealing key: restart the controller, then drop ${names.join(', ')}\n`;
}

async function drop(name: string, deps: SealingKeyDeps): Promise<string> {
  const { source, store, who } = deps;
  const [newest, ...others] = await readNames(deps);
  if (!others.includes(name))
    throw new SealingKeyInvalid(
      name === newest
        ? `${name} is the newest sealing key: rotate first`
        : `there is no old sealing key ${JSON.stringify(name)}: there are ${others.join(', ') || 'none'}`,
    );
  const { mtime } = await stat(source.keyFile);
  if (await isBehind(deps, mtime))
    throw new SealingKeyInvalid('the controller that runs does not know the newest sealing key yet: restart it first');
  const sealed = store.credentials.sealedOtherwise(newest!, ALL).filter(({ keyId }) => keyId === name).length;
  if (sealed > 0) throw new SealingKeyInvalid(`${sealed} credentials are sealed by ${name}, and would be lost: start the controller first`);
  const lines = (await readFile(source.keyFile, 'utf8')).split('\n').filter((line) => line.trim().split(' ')[0] !== name);
  await writeMasterKeys(source.keyFile, lines.join('\n'));
  // When a key was added last, for the next one that is dropped.
  await utimes(source.keyFile, mtime, mtime);
  store.audit.append({ who, action: 'sealing key dropped', detail: name });
  return `the sealing key ${name} is gone: copies of the database from before cannot be read without it\n`;
}

/** Whether a controller runs that read the keys before the newest was among them, and seals with an older one. */
async function isBehind({ readControllerAgeMs }: SealingKeyDeps, addedAt: Date): Promise<boolean> {
  const ageMs = await readControllerAgeMs();
  return ageMs !== undefined && ageMs + CLOCK_STEP_MS > Date.now() - addedAt.getTime();
}

async function readNames({ source }: SealingKeyDeps): Promise<string[]> {
  return (await readMasterKeys(source)).map(({ id }) => id);
}

/** k1 is the one that the controller makes. */
function toNewName(names: readonly string[]): string {
  const numbers = names.map((name) => Number(/^k(\d+)$/.exec(name)?.[1] ?? 0));
  return `k${Math.max(...numbers) + 1}`;
}
