import { open } from 'node:fs/promises';

/** Says which file and which line, never what is in it. */
export class TurnSecretInvalid extends Error {
  override readonly name = 'TurnSecretInvalid';
}

const NAME = 'ORIEL_TURN_SECRET_FILE';
/** Characters. What of them coturn takes as they are, in its file and in its database. */
const LEAST = 32;
const MOST = 128;
const SECRET = new RegExp(`^[A-Za-z0-9+/=_-]{${LEAST},${MOST}}$`);
/** Of one host's file: the one that is used, and those that coturn still takes. */
const LINES_MOST = 8;
const FILE_MOST = 4096;
/** Others may do nothing with it, its group may read. */
const FORBIDDEN = 0o037;

/** One state of the file: another is another file, or was written since. */
export interface TurnSecret {
  /** The first line: what credentials are made with. */
  secret: string;
  stamp: string;
}

/** Throws TurnSecretInvalid. */
export async function readTurnSecret(path: string): Promise<TurnSecret> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw wrong(path, `it cannot be read: ${cause.code}`);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw wrong(path, 'it is no file');
    if (stat.mode & FORBIDDEN)
      throw wrong(path, `its mode is ${(stat.mode & 0o777).toString(8)}: others could read it, or its group write it; chmod 600`);
    if (stat.size > FILE_MOST) throw wrong(path, `it has ${stat.size} bytes`);
    return { secret: parseTurnSecrets(await file.readFile('utf8'), path)[0]!, stamp: toStamp(stat) };
  } finally {
    await file.close();
  }
}

/** All of them, the newest first. Throws TurnSecretInvalid. */
export function parseTurnSecrets(text: string, path: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.flatMap((line, index) => {
    if (!line || line.startsWith('#')) return [];
    if (!SECRET.test(line)) throw wrong(path, `line ${index + 1} has ${line.length} characters, or one that it may not have`);
    return [line];
  });
  if (secrets.length === 0) throw wrong(path, 'there is no secret in it');
  if (secrets.length > LINES_MOST) throw wrong(path, `${secrets.length} secrets are more than ${LINES_MOST}`);
  if (new Set(secrets).size < secrets.length) throw wrong(path, 'one is there twice');
  return secrets;
}

export function toStamp({ dev, ino, size, mtimeMs, ctimeMs }: Record<'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs', number>): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}

function wrong(path: string, what: string): TurnSecretInvalid {
  return new TurnSecretInvalid(
    `${NAME}: ${path}: ${what}. A secret is a line of ${LEAST} to ${MOST} letters, digits and + / = _ -: openssl rand -hex 32`,
  );
}
