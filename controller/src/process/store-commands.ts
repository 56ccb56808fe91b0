import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { runKeyCommand } from '../auth/key-command.ts';
import { runSealingKeyCommand } from '../auth/sealing-key-command.ts';
import type { Config } from '../config.ts';
import { openStore, type Store } from '../store/store.ts';
import { changeDrain } from './drain-command.ts';
import { readControllerAgeMs } from './lock.ts';

/** A controller that runs holds the database for milliseconds at a time. */
const PATIENCE_MS = 10_000;

interface Asked {
  verb: string;
  args: string[];
  config: Config;
  store: Store;
  /** For the audit. */
  who: string;
}

/** Commands with words of their own, which work on the database itself, whether a controller runs or not. */
const COMMANDS: Record<string, (asked: Asked) => Promise<void> | void> = {
  key({ args, store, who }) {
    const { out, note } = runKeyCommand(args, store, who);
    process.stdout.write(out);
    process.stderr.write(note);
  },
  async 'sealing-key'({ args, store, who, config }) {
    const readAge = () => readControllerAgeMs(config.dataDir);
    process.stdout.write(await runSealingKeyCommand(args, { source: config.credentials, store, who, readControllerAgeMs: readAge }));
  },
  drain: (asked) => drain(asked),
  undrain: (asked) => drain(asked),
};

export function isStoreCommand(verb: string | undefined): verb is string {
  return verb !== undefined && Object.hasOwn(COMMANDS, verb);
}

export async function runStoreCommand(verb: string, args: string[], config: Config): Promise<void> {
  const { dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const store = openStore(join(dataDir, 'oriel.db'), undefined, PATIENCE_MS);
  try {
    await COMMANDS[verb]!({ verb, args, config, store, who: `shell:${userInfo().username}` });
  } finally {
    store.close();
  }
}

function drain({ verb, args, config: { dataDir }, store, who }: Asked): Promise<void> {
  return changeDrain(verb, args, { dataDir, store, who, say: (line) => void process.stdout.write(`${line}\n`) });
}
