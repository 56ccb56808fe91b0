import { BuildError } from '../../images/src/errors.ts';
import { StoreFailed } from '../store/store-failed.ts';
import { SettingsInvalid } from '../settings/settings.ts';
import { HOST_VERBS } from './host.ts';
import { IMAGE_VERBS } from './image.ts';
import { IMAGE_STORE_VERBS } from './image-store.ts';
import { RemoteFailed } from './remote.ts';
import { SecretMissing } from './secrets.ts';
import { EDGE_VERBS, MONITORING_VERBS, TURN_VERBS } from './services.ts';
import type { Verbs } from './verbs.ts';

/* What the stacks' steps run: `main.ts STACK VERB WORDS…`. */
const STACKS: Record<string, Verbs> = {
  host: HOST_VERBS,
  edge: EDGE_VERBS,
  monitoring: MONITORING_VERBS,
  image: IMAGE_VERBS,
  imageStore: IMAGE_STORE_VERBS,
  turn: TURN_VERBS,
};

const SAID_PLAINLY = [SettingsInvalid, RemoteFailed, SecretMissing, StoreFailed, BuildError];

const [stack = '', verb = '', ...words] = process.argv.slice(2);
try {
  const found = STACKS[stack]?.[verb];
  if (found?.words.length !== words.length) throw new BuildError(toUsage());
  const said = await found.act(...words);
  if (said) process.stdout.write(`${said.trimEnd()}\n`);
} catch (error) {
  const isPlain = SAID_PLAINLY.some((kind) => error instanceof kind);
  process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}

function toUsage(): string {
  const lines = Object.entries(STACKS).flatMap(([stack, verbs]) =>
    Object.entries(verbs).map(([verb, { words }]) => `  main.ts ${[stack, verb, ...words].join(' ')}`),
  );
  return `usage:\n${lines.join('\n')}`;
}
