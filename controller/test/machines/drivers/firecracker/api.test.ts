import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { FirecrackerApi, FirecrackerFailed } from '../../../../src/machines/drivers/firecracker/api.ts';
import { begin } from '../../../../src/machines/drivers/firecracker/begin.ts';
import { getVersion, toBootRequests, toRestoreRequests, type ApiRequest } from '../../../../src/machines/drivers/firecracker/requests.ts';
import { FakeFirecracker, type FakeOptions, type Fault } from '../../../fakes/fake-firecracker.ts';
import { readDescription } from './description.ts';

const test = suite('firecracker: api');
const TOKEN = 'c2VjcmV0LXRva2Vu';
const plan = { cpus: 2, memoryMib: 2048, kernelLine: `console=ttyS0 oriel.config=${TOKEN}`, mac: '02:00:00:00:64:02' };
const BOOT = toBootRequests(plan);
const RESTORE = toRestoreRequests({ state: '/state', memory: '/memory' });
const toSteps = (calls: ApiRequest[]) => [getVersion(), ...calls].map(({ method, path }) => `${method} ${path}`);
/** Far more than a call takes on a busy host; less where it has to pass. */
const CALL_MS = 5_000;
const SLOW_MS = 2_000;
const validate = readDescription()?.checkCall;

let dir: string;
let counter = 0;
test.before(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-fc-'))));
test.after(() => rm(dir, { recursive: true, force: true }));

/** What became of a boot, or a restore, at a fake: its calls, its connections, the error. */
async function beginAt(options: FakeOptions, { calls = BOOT, signal = new AbortController().signal, callMs = CALL_MS } = {}) {
  const path = join(dir, `${(counter += 1)}.sock`);
  const fake = new FakeFirecracker({ ...(validate && { validate }), ...options });
  await fake.listen(path);
  const api = new FirecrackerApi(path, { callMs });
  try {
    const error = await begin(api, calls, signal).then(
      () => undefined,
      (reason: Error) => reason,
    );
    return { fake, error };
  } finally {
    api.close();
    fake.close();
  }
}

for (const calls of [BOOT, RESTORE]) {
  test(`${calls === BOOT ? 'a boot' : 'a restore'} is each call once, in order, over one connection`, async () => {
    const { fake, error } = await beginAt({}, { calls });
    assert.is(error, undefined);
    assert.equal(
      fake.calls.map(({ method, path }) => `${method} ${path}`),
      toSteps(calls),
    );
    assert.is(fake.connections, 1);
    assert.is(fake.state, 'Running');
  });
}

const KINDS: [kind: Fault['kind'], said: RegExp][] = [
  ['refuse', /: 400: Open tap device failed: Operation not permitted$/],
  ['refuse-mute', /: 500, without a reason$/],
  ['slow', /: no answer within 2000 ms$/],
  ['die', /: Firecracker closed the connection$/],
  ['half', /: Firecracker closed the connection$/],
  ['garbage', /: what came back is no HTTP$/],
  ['flood', /: more than 65536 bytes came back$/],
];

for (const [kind, said] of KINDS) {
  test(`${kind}, at any step: the step is named with the reason, and nothing more is sent`, async () => {
    await Promise.all(
      [BOOT, RESTORE].flatMap((calls) =>
        toSteps(calls).map(async (at, i) => {
          const fault = { at, kind, message: 'Open tap device failed: Operation not permitted' };
          const { fake, error } = await beginAt({ fault }, { calls, ...(kind === 'slow' && { callMs: SLOW_MS }) });
          assert.instance(error, FirecrackerFailed);
          assert.ok(error!.message.startsWith(at), error!.message);
          assert.match(error!.message, said);
          assert.is(fake.calls.length, i + 1);
        }),
      ),
    );
  });
}

test('a snapshot that cannot be loaded is refused with the reason, and Firecracker ends', async () => {
  const vault = { save: () => {}, load: () => assert.unreachable('snapshot data is corrupt') as never };
  let isDead = false;
  const { error, fake } = await beginAt({ vault, die: () => (isDead = true) }, { calls: RESTORE });
  assert.is(error!.message, 'PUT /snapshot/load: 400: Load snapshot error: Failed to restore from snapshot: snapshot data is corrupt');
  assert.ok(isDead);
  assert.is(fake.state, 'Not started');
});

test('an answer with a body that is no JSON is named as such', async () => {
  const { error } = await beginAt({ fault: { at: 'GET /version', kind: 'no-json' } });
  assert.is(error!.message, 'GET /version: what came back is no JSON');
});

test('a reason that repeats the kernel line comes without the token', async () => {
  const message = `Invalid kernel command line: ${plan.kernelLine}`;
  const { error } = await beginAt({ fault: { at: 'PUT /boot-source', kind: 'refuse', message } });
  assert.is(error!.message, 'PUT /boot-source: 400: Invalid kernel command line: console=ttyS0 oriel.config=…');
  assert.not.match(JSON.stringify({ ...error, stack: error!.stack, cause: String(error!.cause) }), TOKEN);
});

test('a reason without end is cut', async () => {
  const { error } = await beginAt({ fault: { at: 'PUT /balloon', kind: 'refuse', message: 'x'.repeat(20_000) } });
  assert.ok(error!.message.length < 600);
});

test('a Firecracker that is too old is refused before it is told anything', async () => {
  const { fake, error } = await beginAt({ version: '1.16.0' });
  assert.is(error!.message, 'Firecracker is 1.16.0; 1.16.1 or later is needed');
  assert.is(fake.calls.length, 1);
});

test('later ones are taken, also with a suffix', async () => {
  for (const version of ['1.16.1', '1.17.0-dev', '2.0.0']) assert.is((await beginAt({ version })).error, undefined, version);
});

test('what says no version is no Firecracker', async () => {
  const { error } = await beginAt({ version: 'nginx' });
  assert.is(error!.message, 'what answers on the API socket does not say which Firecracker it is');
});

test('a socket that comes later is waited for', async () => {
  const path = join(dir, 'late.sock');
  const fake = new FakeFirecracker();
  const api = new FirecrackerApi(path);
  const booted = begin(api, BOOT, AbortSignal.timeout(5_000));
  await sleep(60);
  await fake.listen(path);
  await booted;
  api.close();
  fake.close();
  assert.is(fake.state, 'Running');
});

test('a socket that never comes is given up on when the time is over', async () => {
  const api = new FirecrackerApi(join(dir, 'never.sock'));
  const error = await begin(api, BOOT, AbortSignal.timeout(80)).catch((reason: Error) => reason);
  assert.is((error as Error).message, 'Firecracker did not open its API socket');
});

test('one that dies of its first call, after its socket was waited for, died of that call', async () => {
  const path = join(dir, 'late.sock');
  const died = new AbortController();
  const fake = new FakeFirecracker({ fault: { at: 'GET /version', kind: 'slow' }, onFault: () => died.abort() });
  const api = new FirecrackerApi(path);
  const failed = begin(api, BOOT, died.signal).catch((reason: Error) => reason.message);
  // It has been looked for in vain by then.
  await sleep(20);
  await fake.listen(path);
  assert.is(await failed, 'GET /version: given up');
  fake.close();
});

test('what is no socket is not waited for, and a link to one is not followed', async () => {
  const paths = ['file.sock', 'other.sock', 'link.sock'].map((name) => join(dir, name));
  await writeFile(paths[0]!, '');
  const other = new FakeFirecracker();
  await other.listen(paths[1]!);
  await symlink(paths[1]!, paths[2]!);
  for (const path of [paths[0]!, paths[2]!]) {
    const error = await new FirecrackerApi(path).send(getVersion(), AbortSignal.timeout(5_000)).catch((reason: Error) => reason);
    assert.is((error as Error).message, `GET /version: ${path} is no socket`);
  }
  other.close();
  assert.is(other.connections, 0);
});

test('an abort in the middle of a call ends it', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 30);
  const { error } = await beginAt({ fault: { at: 'PUT /metrics', kind: 'slow' } }, abort);
  assert.is(error!.message, 'PUT /metrics: given up');
});

test.run();
