import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assert, suite } from '#test/suite';
import { broken, note, ok, toExitCode, toFailed, type Finding } from '../../doctor/finding.ts';
import { toCommand } from '../../doctor/left-over.ts';

const test = suite('doctor', { timeoutMs: 60_000 });

const SCRIPT = fileURLToPath(new URL('../../doctor.ts', import.meta.url));
const exitCodeOf = (...states: Finding['state'][]) => toExitCode(states.map((state) => ({ what: '', state, text: '' })));

test('the exit code is the worst of all findings', () => {
  assert.is(exitCodeOf('ok', 'note'), 0);
  assert.is(exitCodeOf('ok', 'unknown', 'broken'), 1);
  assert.is(exitCodeOf('ok', 'unknown'), 2);
});

test('what is broken says what to do', () => {
  assert.equal(broken('x', 'y'), { state: 'broken', text: 'x', todo: 'y' });
  assert.equal(
    [ok('x'), note('x')],
    [
      { state: 'ok', text: 'x' },
      { state: 'note', text: 'x' },
    ],
  );
  assert.is(toFailed(new Error('x'), false).state, 'unknown');
  assert.is(toFailed(new Error('x'), true).state, 'broken');
});

test('what is left over has the command that takes it away', () => {
  assert.is(toCommand({ kind: 'process', name: '42 (of m-aaaaaaaaaaaa)', of: 'instance' }), 'kill -9 42');
  assert.is(toCommand({ kind: 'firewall table', name: 'inet oriel', of: 'instance' }), 'nft delete table inet oriel');
});

test('a wrong argument and a wrong environment end with 2 and say what is wrong', () => {
  const run = (args: string[], env = {}) =>
    spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  const argument = run(['--yaml']);
  assert.equal([argument.status, argument.stderr.includes('--yaml')], [2, true]);
  const environment = run([], { ORIEL_PORT: 'x' });
  assert.equal([environment.status, environment.stderr.includes('ORIEL_PORT')], [2, true]);
  assert.match(run(['--help']).stdout, /exit code/);
});

test.run();
