import { $, chalk } from 'zx';
import { close, runKind } from '../test/kit/run.ts';

/** What each step found in files that have not changed since is kept here. */
const CACHE = 'node_modules/.cache/check';

/** The steps of `just check`, in the order of their speed. */
export const STEPS = [
  [
    'format',
    [
      'node_modules/prettier/bin/prettier.cjs',
      '--cache',
      '--cache-location',
      `${CACHE}/format.json`,
      '--log-level',
      'warn',
      '--check',
      '.',
    ],
  ],
  ['types', ['node_modules/typescript/bin/tsc', '--project', '.', '--incremental', '--tsBuildInfoFile', `${CACHE}/types.json`]],
  ['lint', ['node_modules/eslint/bin/eslint.js', '--cache', '--cache-location', `${CACHE}/lint.json`, '--max-warnings', '0', '.']],
] as const;

/** Runs the steps and says which failed, all of them. */
export async function runSteps(): Promise<boolean> {
  const run = $({ nothrow: true, quiet: true });
  const results = await Promise.all(STEPS.map(async ([step, args]) => ({ step, output: await run`${process.execPath} ${args}` })));
  for (const { step, output } of results) {
    const { exitCode, stdout, stderr } = output;
    console.log(`${exitCode === 0 ? 'ok   ' : chalk.red('FAIL ')} ${step}`);
    if (exitCode !== 0) console.log(`${stdout}${stderr}`.replace(/^/gm, '      '));
  }
  return results.every(({ output }) => output.exitCode === 0);
}

if (import.meta.main) {
  const ok = await runSteps();
  const totals = await runKind('unit', '', process.cwd());
  process.exitCode = close(totals) && ok ? 0 : 1;
}
