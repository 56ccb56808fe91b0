import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';
import { readPublicKey, readSigningKey } from '../../images/src/attest/keys.ts';
import { BuildError } from '../../images/src/errors.ts';
import { toPaths } from '../../images/src/paths.ts';
import { makeRelease } from './make.ts';
import { verifyRelease } from './verify.ts';

const USAGE = `usage: main.ts make [--out DIR] [--allow-changes]   a release of this commit, of the latest image and kernel
       main.ts verify DIR [--key PUBLIC.pem | --allow-unsigned]`;

const paths = toPaths(process.env);

async function make(out: string | undefined, allowChanges: boolean): Promise<void> {
  const release = await makeRelease({
    ...paths,
    releases: resolve(out ?? (process.env.ORIEL_RELEASE_DIR || '/var/lib/oriel/releases')),
    commit: await readCommit(allowChanges),
    signingKey: await readSigningKey(process.env),
  });
  process.stdout.write(`release is ${release}\n`);
}

/** The commit of the tree; undefined for one with changes, where that is allowed. */
async function readCommit(allowChanges: boolean): Promise<string | undefined> {
  const git = $({ cwd: paths.repository, quiet: true, nothrow: true });
  const { exitCode, stdout } = await git`git status --porcelain`;
  if (exitCode === 0 && !stdout) return (await git`git rev-parse HEAD`).stdout.trim();
  if (allowChanges) return undefined;
  const found = exitCode === 0 ? `has changes that no commit has:\n${stdout}` : 'is not in git';
  throw new BuildError(`this tree ${found}A release names the commit that it is of: commit, or say --allow-changes`);
}

async function verify(dir: string, key: string | undefined, allowUnsigned: boolean): Promise<void> {
  if (key && allowUnsigned) throw new BuildError('--key and --allow-unsigned exclude each other: a release is of that key, or of nobody');
  const path = await realpath(dir).catch((cause: NodeJS.ErrnoException) => {
    throw new BuildError(`there is no release at ${cause.path}: give the folder of one`, { cause });
  });
  const wrong = await verifyRelease(path, key ? await readPublicKey(key) : allowUnsigned ? 'unsigned' : undefined);
  if (wrong.length) throw new BuildError(`${path} is not what it must be:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  process.stdout.write(`${path}: every file is what the release says; ${key ? `signed by ${key}` : 'NOT SIGNED, as allowed'}\n`);
}

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseWords(args);
  const [verb, dir, ...rest] = positionals;
  if (verb === 'make' && !dir) return make(values.out, values['allow-changes'] ?? false);
  if (verb === 'verify' && dir && rest.length === 0) return verify(dir, values.key, values['allow-unsigned'] ?? false);
  throw new BuildError(USAGE);
}

function parseWords(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        'allow-changes': { type: 'boolean' },
        key: { type: 'string' },
        'allow-unsigned': { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new BuildError(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof BuildError ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
