import { suite, assert } from '#test/suite';
import { CommandFailed, run } from '../../src/host/run.ts';

const test = suite('host: run');

test('gives what the command printed, input goes in by stdin', async () => {
  assert.is(await run(['cat'], { input: 'seen' }), 'seen');
});

test('a failure names the command, its code and what it said', async () => {
  const error = await failureOf(run(['sh', '-c', 'echo broken >&2; exit 3']));
  assert.is(error.message, 'sh -c echo broken >&2; exit 3: exit code 3: broken');
});

test('a missing command is named as missing', async () => {
  assert.is((await failureOf(run(['oriel-no-such-command', 'now']))).message, 'oriel-no-such-command now: is not installed');
});

test('a command that hangs is killed at its limit', async () => {
  assert.is((await failureOf(run(['sleep', '9'], { timeoutMs: 50 }))).message, 'sleep 9: not done after 50 ms');
});

test('an abort ends the command', async () => {
  const abort = new AbortController();
  const failed = failureOf(run(['sleep', '9'], { signal: abort.signal }));
  abort.abort();
  assert.is((await failed).message, 'sleep 9: given up');
});

test('when an abort is told the process is gone', async () => {
  const abort = new AbortController();
  const failed = failureOf(run(['sh', '-c', 'exec sleep 9.8765'], { signal: abort.signal }));
  setTimeout(() => abort.abort(), 30);
  await failed;
  assert.not.match(await run(['ps', '-eo', 'stat,args']), /^[^Z].* sleep 9\.8765$/m);
});

test('a command that does not read its input is judged by its exit code', async () => {
  assert.is(await run(['true'], { input: 'x'.repeat(1 << 20) }), '');
});

test("the controller's environment does not reach the command", async () => {
  process.env.ORIEL_TEST_SECRET = 'canary';
  assert.not.match(await run(['env']), /canary/);
});

async function failureOf(promise: Promise<unknown>): Promise<CommandFailed> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, CommandFailed);
  return error as CommandFailed;
}

test.run();
