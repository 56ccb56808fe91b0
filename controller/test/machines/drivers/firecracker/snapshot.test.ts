import { mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toBootRequests } from '../../../../src/machines/drivers/firecracker/requests.ts';
import { saveMachine, type SaveLimits } from '../../../../src/machines/drivers/firecracker/snapshot.ts';
import { FakeFirecracker, type FakeOptions, type Fault } from '../../../fakes/fake-firecracker.ts';
import { createVault } from '../../../fakes/fake-snapshot.ts';
import { readDescription } from './description.ts';

const test = suite('firecracker: snapshots');
const MIB = 2 ** 20;
const LIMITS = { createMs: 5_000, resumeMs: 5_000 };
const STEPS = ['GET /machine-config', 'PATCH /vm Paused', 'PUT /snapshot/create', 'PATCH /vm Resumed'];
const validate = readDescription()?.checkCall;

let base: string;
let counter = 0;
test.before(async () => void (base = await mkdtemp(join(tmpdir(), 'oriel-fc-'))));
test.after(() => rm(base, { recursive: true, force: true }));

interface Try extends FakeOptions {
  limits?: SaveLimits;
  signal?: AbortSignal;
  /** What a machine that has gone wrong does when it has written itself down. */
  after?: (files: string) => void;
}

/** What becomes of writing a machine down at a fake that runs. */
async function save({ limits = LIMITS, signal = AbortSignal.timeout(10_000), after, ...options }: Try = {}) {
  const runDir = join(base, String((counter += 1)));
  const [files, dir] = [join(runDir, 'vmm'), join(runDir, 'kept')];
  for (const path of [files, dir]) await mkdir(path, { recursive: true });
  await writeFile(join(files, 'overlay.ext4'), 'overlay');
  const disk = createVault((path) => join(files, basename(path)));
  const vault = { ...disk, save: (...told: Parameters<typeof disk.save>) => (disk.save(...told), after?.(files)) };
  const fake = new FakeFirecracker({ ...(validate && { validate }), vault, ...options });
  await fake.listen(join(files, 'api.sock'));
  for (const { method, path, body } of toBootRequests({ cpus: 1, memoryMib: 32, kernelLine: '', mac: '02:00:00:00:64:02' }))
    assert.is(fake.answer({ method, path, body }).status, 204);
  const record = { machineId: 'm-a', driver: 'firecracker', runDir, pid: 1, startTime: 1 };
  const error = await saveMachine(record, dir, signal, limits).then(
    () => undefined,
    (reason: Error) => reason,
  );
  fake.close();
  const steps = fake.calls.map(({ method, path, body }) => [method, path, body?.state].filter(Boolean).join(' '));
  return { fake, error, steps, dir, left: (await readdir(files)).filter((name) => name !== 'api.sock') };
}

test('a machine is written down while it stands still, and goes on', async () => {
  const { fake, error, steps, dir, left } = await save();
  assert.is(error, undefined);
  assert.equal(steps, STEPS);
  assert.is(fake.connections, 1);
  assert.is(fake.state, 'Running');
  assert.equal((await readdir(dir)).sort(), ['memory', 'overlay.ext4', 'state']);
  assert.equal(left, ['overlay.ext4'], 'nothing of it stays in the jail');
});

test('its files are root’s alone but in a jail: no user of another VMM finds them, none can write them', async () => {
  const { dir } = await save();
  const modes = await Promise.all(['.', 'state', 'memory', 'overlay.ext4'].map(async (name) => (await stat(join(dir, name))).mode & 0o777));
  assert.equal(modes, [0o700, 0o444, 0o444, 0o600]);
  const { size, blocks } = await stat(join(dir, 'memory'));
  assert.is(size, 32 * MIB);
  assert.ok(blocks * 512 < MIB, 'memory that was never used takes no disk');
  assert.is(await readFile(join(dir, 'overlay.ext4'), 'utf8'), 'overlay');
});

test('a copy that is loaded from them is the machine', async () => {
  const { dir } = await save();
  const copy = new FakeFirecracker({ vault: createVault((path) => join(dir, basename(path))) });
  const body = { snapshot_path: '/state', mem_backend: { backend_type: 'File', backend_path: '/memory' }, resume_vm: true };
  assert.is(copy.answer({ method: 'PUT', path: '/snapshot/load', body }).status, 204);
  assert.is(copy.state, 'Running');
  assert.equal(copy.answer({ method: 'GET', path: '/machine-config', body: undefined }).body, {
    vcpu_count: 1,
    mem_size_mib: 32,
    smt: false,
  });
});

const KINDS: [kind: Fault['kind'], said: RegExp][] = [
  ['refuse', /: 400: No space left on device$/],
  ['refuse-mute', /: 500, without a reason$/],
  ['half', /: Firecracker closed the connection$/],
  ['garbage', /: what came back is no HTTP$/],
  ['flood', /: more than 65536 bytes came back$/],
];
for (const [kind, said] of KINDS) {
  test(`${kind}, before it is written down: the reason is told, and the machine goes on`, async () => {
    for (const at of STEPS.slice(0, 3)) {
      const { fake, error, steps, left } = await save({ fault: { at, kind, message: 'No space left on device' } });
      assert.ok(error!.message.startsWith(at.replace(' Paused', '')), error!.message);
      assert.match(error!.message, said);
      assert.is(fake.state, 'Running');
      assert.is(steps.at(-1), at === STEPS[0] ? at : 'PATCH /vm Resumed');
      assert.equal(left, ['overlay.ext4']);
    }
  });
}

test('no answer, before it is written down: it is given up with the limit, and the machine goes on', async () => {
  const limits = { createMs: 50, resumeMs: 5_000 };
  const late = await save({ fault: { at: 'PUT /snapshot/create', kind: 'slow' }, limits });
  assert.is(late.error!.message, 'PUT /snapshot/create: no answer within 50 ms');
  assert.is(late.fake.state, 'Running');
  for (const at of ['PATCH /vm Paused', 'PUT /snapshot/create']) {
    const abort = new AbortController();
    const { error, fake, steps } = await save({ fault: { at, kind: 'slow' }, onFault: () => abort.abort(), signal: abort.signal });
    assert.match(error!.message, /^P\w+ \/\S+: given up$/);
    assert.equal([fake.state, steps.at(-1)], ['Running', 'PATCH /vm Resumed']);
  }
});

test('a machine that does not go on is told of, with what went wrong before', async () => {
  const limits = { createMs: 5_000, resumeMs: 50 };
  const { error } = await save({ fault: { at: 'PATCH /vm Resumed', kind: 'slow' }, limits });
  assert.is(error!.message, 'the machine may stand still: PATCH /vm: no answer within 50 ms');
  const refused = await save({
    fault: { at: 'PATCH /vm Resumed', kind: 'refuse', message: 'no' },
    after: (files) => rmSync(join(files, 'state')),
  });
  assert.match(refused.error!.message, /ENOENT.*; the machine may stand still: PATCH \/vm: 400: no$/);
});

test('a Firecracker that dies is told of as such, at any step', async () => {
  for (const at of STEPS) {
    const { error, left } = await save({ fault: { at, kind: 'die' } });
    assert.match(error!.message, /Firecracker closed the connection/, at);
    assert.equal(left, ['overlay.ext4']);
  }
});

test('one that was told nothing, or does not say how much memory it has, is not written down', async () => {
  for (const mem_size_mib of ['32', -1, 0.5, 2 ** 40, undefined]) {
    const fault = { at: 'GET /machine-config', kind: 'answer' as const, body: { mem_size_mib } };
    const { error, steps } = await save({ fault });
    assert.is(error!.message, 'GET /machine-config: it does not say how much memory it has');
    assert.equal(steps, [STEPS[0]]);
  }
});

const SPOILT: [title: string, spoil: (files: string) => void, reason: RegExp][] = [
  ['a link in the place of its memory', (files) => replace(files, 'memory', (path) => symlinkSync('/etc/shadow', path)), /ELOOP/],
  ['a link in the place of its disk', (files) => replace(files, 'overlay.ext4', (path) => symlinkSync('/etc/shadow', path)), /ELOOP/],
  ['a directory in the place of its state', (files) => replace(files, 'state', (path) => mkdirSync(path)), /state is no file/],
  ['no state', (files) => rmSync(join(files, 'state')), /ENOENT/],
  [
    'more memory than it has',
    (files) => truncateSync(join(files, 'memory'), 32 * MIB + 1),
    /memory has 33554433 bytes, 33554432 are the most/,
  ],
  ['a state without end', (files) => truncateSync(join(files, 'state'), 17 * MIB), /state has 17825792 bytes, 16777216 are the most/],
];
for (const [title, spoil, reason] of SPOILT) {
  test(`${title}: nothing is read, and the machine goes on`, async () => {
    const { error, fake, steps, dir } = await save({ after: spoil });
    assert.match(error!.message, reason);
    assert.equal([fake.state, steps.at(-1)], ['Running', 'PATCH /vm Resumed']);
    for (const name of await readdir(dir)) assert.ok((await lstat(join(dir, name))).isFile());
  });
}

function replace(files: string, name: string, make: (path: string) => void): void {
  rmSync(join(files, name));
  make(join(files, name));
}

test.run();
