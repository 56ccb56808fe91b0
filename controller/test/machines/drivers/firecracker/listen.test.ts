import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { addNumbers, parseMetrics, PICKED, type VmmNumbers } from '../../../../src/machines/drivers/firecracker/metrics.ts';
import { createSayer } from '../../../../src/machines/drivers/firecracker/listen.ts';
import { readPipe, splitLines } from '../../../../src/machines/drivers/firecracker/pipe.ts';

const test = suite('firecracker: its log and metrics');
let dir: string;
test.before(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-fc-'))));
test.after(() => rm(dir, { recursive: true, force: true }));

const LINE = {
  utc_timestamp_ms: 1_739_000_000_000,
  net: { rx_bytes_count: 1500, tx_bytes_count: 70, rx_rate_limiter_throttled: 0, tap_read_fails: 9 },
  block: { read_bytes: 4096, write_bytes: -1, rate_limiter_throttled_events: 'many' },
  seccomp: { num_faults: 0 },
  uart: null,
};

test('of a line the picked numbers are taken; what is no count is left out', () => {
  assert.equal(parseMetrics(JSON.stringify(LINE)), {
    'net.rx_bytes_count': 1500,
    'net.tx_bytes_count': 70,
    'net.rx_rate_limiter_throttled': 0,
    'block.read_bytes': 4096,
    'seccomp.num_faults': 0,
  });
});

test('what is no line of metrics gives nothing', () => {
  for (const line of ['', 'null', '7', '[]', '{"net":{"rx_bytes_count":1}}', '{"utc_timestamp_ms":1', '"x"'])
    assert.is(parseMetrics(line), undefined, line);
});

test('a line that names the prototype pollutes nothing', () => {
  const line = '{"utc_timestamp_ms":1,"__proto__":{"net":{"rx_bytes_count":5}},"vcpu":{"__proto__":{"failures":3}}}';
  assert.equal(parseMetrics(line), {});
  assert.is(({} as VmmNumbers)['vcpu.failures'], undefined);
});

test('lines add up', () => {
  const totals: VmmNumbers = {};
  for (let i = 0; i < 3; i += 1) addNumbers(totals, parseMetrics(JSON.stringify(LINE))!);
  assert.is(totals['net.rx_bytes_count'], 4500);
  assert.ok(Object.keys(totals).every((name) => (PICKED as readonly string[]).includes(name)));
});

test('pieces become lines; one that is too long is dropped, the next is whole', () => {
  const lines: string[] = [];
  const push = splitLines((line) => lines.push(line));
  for (const piece of ['on', 'e\ntwo\n', '\nth']) push(Buffer.from(piece));
  push(Buffer.from('ree\n'));
  for (let i = 0; i < 20; i += 1) push(Buffer.alloc(32_768, 'x'));
  push(Buffer.from('tail\nfour\n'));
  assert.equal(lines, ['one', 'two', 'three', 'four']);
});

test('a pipe is read line by line until its writer is gone', async () => {
  const path = join(dir, 'log.fifo');
  execFileSync('mkfifo', [path]);
  // As Firecracker opens it: for both, so that it never waits for a reader.
  const writer = await open(path, 'r+');
  const lines: string[] = [];
  const done = readPipe(path, (line) => lines.push(line), new AbortController().signal);
  await writer.write('one\ntwo\n');
  while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await writer.close();
  await done;
  assert.equal(lines, ['one', 'two']);
});

test('reading a pipe ends with its signal', async () => {
  const path = join(dir, 'aborted.fifo');
  execFileSync('mkfifo', [path]);
  const writer = await open(path, 'r+');
  const over = new AbortController();
  const done = readPipe(path, () => {}, over.signal);
  over.abort();
  await done;
  await writer.close();
});

test('what lies in the place of a pipe is not read: a file, a link to something', async () => {
  await writeFile(join(dir, 'secret'), 'root:x\n');
  await symlink(join(dir, 'secret'), join(dir, 'link'));
  const lines: string[] = [];
  const read = (name: string) =>
    readPipe(join(dir, name), (line) => lines.push(line), new AbortController().signal).then(
      () => 'read',
      (error: Error) => error.message,
    );
  assert.match(await read('secret'), /is no pipe$/);
  assert.match(await read('link'), /ELOOP/);
  assert.equal(lines, []);
});

test('of a flood of lines some are logged in a minute, then how many were not', () => {
  const logged: unknown[] = [];
  let ms = 0;
  const say = createSayer('m-a', { warn: (fields: unknown) => void logged.push(fields) }, () => ms);
  for (let i = 0; i < 100; i += 1) say(`line ${i} ${'x'.repeat(10_000)}`);
  assert.is(logged.length, 20);
  assert.ok(JSON.stringify(logged[0]).length < 600);
  ms = 60_001;
  say('later');
  assert.equal(logged.slice(20), [
    { machine: 'm-a', lines: 80 },
    { machine: 'm-a', said: 'later' },
  ]);
});

test.run();
