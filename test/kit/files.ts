import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isLong } from './long.ts';

/** Kinds of tests, by what they need. */
export const KINDS = {
  /** Neither root nor network. */
  unit: {
    pattern:
      '{test/kit,bench,images,guest,controller,controller/viewer,controller/client,examples/frontend,infra,nix,scripts}/test/**/*.test.ts',
    suffix: '.test.ts',
    // More than processors: many wait for a time of theirs, and leave the processor to another.
    parallel: availableParallelism() + 2,
    fileLimitMs: isLong ? 1_800_000 : 60_000,
  },
  /** oriel-capture itself, compiled here: a C compiler, its libraries and an X server. Not a part of CI: the image's tests run the real one. */
  native: { pattern: 'guest/test/**/*.native.test.ts', suffix: '.native.test.ts', parallel: 1, fileLimitMs: 120_000 },
  /** Root, or more time than `just check` has; each file in a network namespace of its own. */
  root: {
    pattern: '{images,guest,controller,infra,nix}/test/**/*.root.test.ts',
    suffix: '.root.test.ts',
    parallel: 1,
    fileLimitMs: isLong ? 1_800_000 : 300_000,
  },
  /** Root, a built image and kernel, which an emulated virtual machine boots. */
  vm: {
    pattern: '{images/test,controller/test,test/vm}/**/*.vm.test.ts',
    suffix: '.vm.test.ts',
    parallel: 1,
    fileLimitMs: isLong ? 1_800_000 : 600_000,
  },
  /** Root and a built image, and a throw-away server's disk (test/kit/server): Oriel as a unit of an emulated Debian. Not a part of CI. */
  server: { pattern: 'test/server/**/*.server.test.ts', suffix: '.server.test.ts', parallel: 1, fileLimitMs: 3_600_000 },
  /** Root and a built image; controller, clones and browser in a network namespace of their own. */
  e2e: { pattern: 'test/e2e/**/*.e2e.test.ts', suffix: '.e2e.test.ts', parallel: 1, fileLimitMs: isLong ? 1_800_000 : 600_000 },
} as const;

export type Kind = keyof typeof KINDS;

/** Files of a kind, sorted. A more special suffix is not of the plainer kind. */
export function findTestFiles(kind: Kind, cwd: string): string[] {
  const special = Object.values(KINDS)
    .map(({ suffix }) => suffix as string)
    .filter((suffix) => suffix !== KINDS[kind].suffix && suffix.endsWith(KINDS[kind].suffix));
  return globSync(KINDS[kind].pattern, { cwd, exclude: (path) => path.includes('node_modules') })
    .filter((file) => !special.some((suffix) => file.endsWith(suffix)))
    .sort();
}
