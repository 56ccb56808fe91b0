import { setGlobalProxyFromEnv } from 'node:http';
import { parseArgs } from 'node:util';
import { golden } from '../golden/image.ts';
import { needs } from '../golden/needs.ts';
import { buildImage, type Build } from './build.ts';
import { BuildError } from './errors.ts';
import { explainFailure } from './explain.ts';
import { acceptKernelConfig, makeKernel } from './kernel/make.ts';
import { checkLock, diffLocks, keepLocked, LOCK_SETS, readLock, writeLock } from './lock.ts';
import { VARIANTS, type Variant } from './pack.ts';
import { toPaths } from './paths.ts';
import { toProgress } from './progress.ts';
import { resolveLocks } from './relock.ts';
import { findMirrors } from './sources.ts';
import { verify } from './verify/command.ts';

const USAGE = `usage: main.ts build [--variant lz4|lz4hc] [--tools]
       main.ts kernel          compile the guest kernel
       main.ts kernel --config resolve its config and write it to images/golden/kernel
       main.ts lock            resolve the layers' packages to images/lock
       main.ts lock --keep     the same, but what is locked stays as it is
       main.ts lock --check    whether lock and layers agree (no network)
       main.ts lock --diff     what a new lock would change
       main.ts verify [DIR] [--key PUBLIC.pem | --allow-unsigned]`;

// fetch obeys http_proxy and no_proxy, as apt does.
setGlobalProxyFromEnv();
const paths = toPaths(process.env);
const progress = toProgress();

async function lock(isKept: boolean): Promise<void> {
  const locks = await resolveLocks(golden, paths, await findMirrors(process.env), progress);
  for (const set of LOCK_SETS) {
    const before = await readLock(paths.locks, set).catch(() => undefined);
    const after = isKept ? keepLocked(before, locks[set]) : locks[set];
    sayDiff(diffLocks(before, after), set);
    await writeLock(paths.locks, set, after);
  }
}

async function lockDiff(): Promise<void> {
  const locks = await resolveLocks(golden, paths, await findMirrors(process.env), progress);
  for (const set of LOCK_SETS) sayDiff(diffLocks(await readLock(paths.locks, set), locks[set]), set);
}

async function lockCheck(): Promise<void> {
  const wrong = (await Promise.all(LOCK_SETS.map(async (set) => checkLock(golden, set, await readLock(paths.locks, set))))).flat();
  if (wrong.length) throw new BuildError(`${wrong.join('\n')}\nRun \`just lock\`.`);
  progress.say('lock and layers agree');
}

function sayDiff(lines: readonly string[], set: string): void {
  progress.say(lines.length ? [`${set}:`, ...lines.map((line) => `  ${line}`)].join('\n') : `${set}: nothing changes`);
}

async function build(variant: string, tools: boolean): Promise<void> {
  if (!Object.hasOwn(VARIANTS, variant)) throw new BuildError(`--variant is one of ${Object.keys(VARIANTS).join(', ')}`);
  await buildImage({ ...toBuild(variant as Variant), tools });
}

function toBuild(variant: Variant): Build {
  return { image: golden, needs, paths, variant, tools: false, env: process.env, progress };
}

async function main(argv: string[]): Promise<void> {
  const { positionals, values } = parseWords(argv);
  const verb = positionals.join(' ');
  if (verb === 'build') return build(values.variant ?? 'lz4', values.tools ?? false);
  if (verb === 'kernel') return void (await (values.config ? acceptKernelConfig(toBuild('lz4')) : makeKernel(toBuild('lz4'))));
  if (verb === 'lock') return values.check ? lockCheck() : values.diff ? lockDiff() : lock(values.keep ?? false);
  if (positionals[0] === 'verify' && positionals.length <= 2) {
    return verify(paths.images, positionals[1], { key: values.key, allowUnsigned: values['allow-unsigned'] }, progress);
  }
  throw new BuildError(USAGE);
}

function parseWords(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        variant: { type: 'string' },
        tools: { type: 'boolean' },
        check: { type: 'boolean' },
        config: { type: 'boolean' },
        keep: { type: 'boolean' },
        diff: { type: 'boolean' },
        key: { type: 'string' },
        'allow-unsigned': { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new BuildError(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
}

await main(process.argv.slice(2)).catch((thrown: unknown) => {
  const error = explainFailure(thrown, paths);
  process.stderr.write(`${error instanceof BuildError ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = error instanceof BuildError ? error.exitCode : 1;
});
