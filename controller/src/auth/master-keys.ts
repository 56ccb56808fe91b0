import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { CommandFailed, run } from '../host/run.ts';
import type { MasterKey } from './envelope.ts';

const KEY_BYTES = 32;
const LINE = /^([A-Za-z0-9._-]{1,32}) ([A-Za-z0-9+/]{43}=)$/;

/** Where master keys come from: the standard output of a command, or else a file. */
export interface KeySource {
  keyFile: string;
  /** Its program and its words. */
  keyCommand?: readonly string[] | undefined;
}

/** A key management service may be far away. */
const COMMAND_MS = 30_000;

/**
 * The master keys, the newest first: a line each, its name and 32 bytes in base64; lines with # are notes. To change the key, put
 * a new line above the old one and restart; the old one can go after that. Where there is neither command nor file, a file is made, readable
 * by its owner only. What a command says is kept nowhere.
 */
export async function readMasterKeys({ keyFile, keyCommand }: KeySource): Promise<MasterKey[]> {
  if (keyCommand) return toKeys(await askCommand(keyCommand), 'ORIEL_CREDENTIALS_KEY_COMMAND');
  const text = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return makeFile(keyFile);
    throw error;
  });
  return toKeys(text, keyFile);
}

/** It sees the controller's environment, where what it needs to be let in may be, but none of Oriel's own variables. */
async function askCommand(command: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ORIEL_')));
  try {
    return await run(command, { label: `ORIEL_CREDENTIALS_KEY_COMMAND ${command[0]}`, env, timeoutMs: COMMAND_MS });
  } catch (error) {
    // Of what it said, nothing that could be a key.
    if (error instanceof CommandFailed) throw new CommandFailed(error.message.replace(/[\w+/=-]{32,}/g, '…'));
    throw error;
  }
}

function toKeys(text: string, source: string): MasterKey[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const keys = lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map(({ line, number }) => toKey(line, source, number));
  if (keys.length === 0) throw new Error(`${source}: there is no key in it`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error(`${source}: two keys have the same name`);
  return keys;
}

/** Names the line, never what is in it. */
function toKey(line: string, source: string, number: number): MasterKey {
  const [, id, base64] = LINE.exec(line) ?? [];
  if (!id || !base64)
    throw new Error(`${source}:${number}: a key is a name, a space and ${KEY_BYTES} bytes in base64 (openssl rand -base64 32)`);
  return { id, key: Buffer.from(base64, 'base64') };
}

async function makeFile(path: string): Promise<string> {
  const text = `# Seals credentials in the database. Without it they are lost; with it and the database they can be read.\n${newKeyLine('k1')}`;
  await writeMasterKeys(path, text);
  return text;
}

/** A new key of this name, as a line of the file. */
export function newKeyLine(id: string): string {
  return `${id} ${randomBytes(KEY_BYTES).toString('base64')}\n`;
}

/** Whole or not at all: what half a key sealed would be lost. */
export async function writeMasterKeys(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
