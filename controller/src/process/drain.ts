import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A host that its operator has taken out of service: what runs goes on, nothing new begins. */
export interface Drain {
  /** ISO 8601. */
  since: string;
  reason?: string;
}

/** In the data directory: it holds for each controller there, also after a reboot. */
const FILE = 'drain.json';

/** Reads anew at each call whether the host is drained, and why, in words; undefined when it is not. */
export function drainReader(dataDir: string): () => string | undefined {
  return () => {
    const drain = readDrain(dataDir);
    return (
      drain && `the host takes no new sessions since ${drain.since}${drain.reason ? ` (${drain.reason})` : ''}: \`oriel undrain\` ends it`
    );
  };
}

/** Whoever cannot read it must not begin anything: a file that is broken is a drain, too. */
export function readDrain(dataDir: string): Drain | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as Drain;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // Without file descriptors nothing begins in any case, and that is what has to be said.
    if (code === 'EMFILE' || code === 'ENFILE') return undefined;
    return { since: 'some time', reason: `${FILE} cannot be read: ${code ?? 'it is no JSON'}` };
  }
}

/** Of one that is drained already it changes the reason, where another is given, and nothing else. */
export async function setDrain(dataDir: string, given: string | undefined, now: string): Promise<void> {
  const { since = now, reason: before } = readDrain(dataDir) ?? {};
  const reason = given ?? before;
  const path = join(dataDir, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify({ since, ...(reason && { reason }) })}\n`, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

/** False when it was not drained. */
export async function endDrain(dataDir: string): Promise<boolean> {
  const wasDrained = readDrain(dataDir) !== undefined;
  await rm(join(dataDir, FILE), { force: true });
  return wasDrained;
}
