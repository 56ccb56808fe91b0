import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { launch, planShim } from '../../../src/machines/shim/launch.ts';

const test = suite('shim: launch');
const spec = { machineId: 'm-aaaaaaaaaaaa', runDir: '/m', console: { path: '/m/console.log', maxBytes: 4096 } };

test('the shim keeps the console to its size, writes down the end, and has a runtime make the first process', () => {
  assert.equal(planShim(spec as Parameters<typeof planShim>[0], '/usr/bin/runtime', ['--root=/r', 'a word']), [
    'conmon',
    '--api-version=1',
    ...['--cid=m-aaaaaaaaaaaa', '--cuuid=m-aaaaaaaaaaaa', '--name=m-aaaaaaaaaaaa'],
    ...['--runtime=/usr/bin/runtime', '--runtime-arg=--root=/r', '--runtime-arg=a word'],
    ...['--bundle=/m/bundle', '--full-attach', '--container-pidfile=/m/bundle/pid', '--exit-dir=/m/exit'],
    ...['--log-path=k8s-file:/m/console.log', '--log-size-max=4096', '--log-level=warning'],
  ]);
});

test('a machine with a lifetime is ended by its shim', () => {
  const argv = planShim({ ...spec, lifetimeS: 3630 } as Parameters<typeof planShim>[0], '/usr/bin/runtime', []);
  assert.is(argv.at(-1), '--timeout=3630');
});

const REPORT = ['sh', '-c', 'read -r _; echo "{\\"data\\": 4711}" >&3'];
const signal = new AbortController().signal;

test('a launch goes on when the network is up, and only then its time runs', async () => {
  const network = Promise.withResolvers<void>();
  let pid: number | undefined;
  const launching = launch(REPORT, '/none', 2_000, signal, network.promise).then((value) => (pid = value));
  await sleep(100);
  assert.is(pid, undefined);
  network.resolve();
  assert.is(await launching, 4711);
});

test('a launch that fails while the network is being made says why at once', async () => {
  const never = new Promise<void>(() => {});
  const failing = launch(['sh', '-c', 'echo no room >&2; exit 1'], '/none', 2_000, signal, never);
  assert.match(((await failing.catch((error: unknown) => error)) as Error).message, /^no room$/);
});

test('a launch whose network cannot be made, or that is given up, ends', async () => {
  const failed = launch(REPORT, '/none', 2_000, signal, Promise.reject(new Error('no network')));
  assert.is(((await failed.catch((error: unknown) => error)) as Error).message, 'no network');
  const abort = new AbortController();
  const left = launch(REPORT, '/none', 2_000, abort.signal, new Promise(() => {}));
  abort.abort();
  assert.is(((await left.catch((error: unknown) => error)) as Error).message, 'given up');
});

test.run();
