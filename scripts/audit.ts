import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { toVerdict } from './audit-verdict.ts';

/* `just audit [--strict]`: whether the registry has signed each package that is installed, and the package is the one that was signed. */

const NPM = join(import.meta.dirname, '../node_modules/npm/bin/npm-cli.js');
const LIMIT_MS = 120_000;

const { status, stdout, stderr } = spawnSync(process.execPath, [NPM, 'audit', 'signatures', '--fetch-retries=0'], {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  timeout: LIMIT_MS,
});
const { kind, message } = toVerdict(status, `${stdout}\n${stderr}`);
process.stdout.write(`${message}\n`);
process.exitCode = kind === 'failed' || (kind === 'skipped' && process.argv.includes('--strict')) ? 1 : 0;
