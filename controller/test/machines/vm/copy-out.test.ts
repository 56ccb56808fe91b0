import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { copyOut, type CopyBounds } from '../../../src/machines/vm/copy-out.ts';

const test = suite('vm: copies out of a VMM’s directory');
let dir: string;
test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-copy-'));
  await mkdir(join(dir, 'to'));
});
test.after(() => rm(dir, { recursive: true, force: true }));

const copy = (name: string, bounds: CopyBounds = { mode: 0o400 }) =>
  copyOut(join(dir, name), join(dir, 'to', name), bounds, AbortSignal.timeout(5_000));
const failureOf = (name: string, bounds?: CopyBounds) =>
  copy(name, bounds).then(
    () => 'copied',
    (error: Error) => error.message,
  );

test('a file is copied, with the mode that is wanted and without its holes', async () => {
  await writeFile(join(dir, 'disk'), 'begin', { mode: 0o666 });
  await truncate(join(dir, 'disk'), 64 * 2 ** 20);
  await copy('disk', { mode: 0o444, maxBytes: 64 * 2 ** 20 });
  const { size, blocks, mode } = await stat(join(dir, 'to/disk'));
  assert.equal([size, mode & 0o7777], [64 * 2 ** 20, 0o444]);
  assert.ok(blocks * 512 < 2 ** 20);
  assert.is((await readFile(join(dir, 'to/disk'))).subarray(0, 5).toString(), 'begin');
});

test('what is no file is not copied, nor waited for: a link, a pipe, a socket, a directory, nothing', async () => {
  await symlink('/etc/passwd', join(dir, 'link'));
  await mkdir(join(dir, 'directory'));
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
  const reasons = await Promise.all(['link', 'pipe', 'socket', 'directory', 'nothing'].map((name) => failureOf(name)));
  server.close();
  [/ELOOP/, /is no file/, /ENXIO/, /is no file/, /ENOENT/].forEach((reason, i) => assert.match(reasons[i]!, reason));
  assert.equal(await readdir(join(dir, 'to')), ['disk']);
});

test('a file that is bigger than it may be is not copied', async () => {
  await writeFile(join(dir, 'big'), Buffer.alloc(2_000));
  assert.match(await failureOf('big', { mode: 0o400, maxBytes: 1_999 }), /has 2000 bytes, 1999 are the most$/);
  assert.is(await failureOf('big', { mode: 0o400, maxBytes: 2_000 }), 'copied');
});

test('no descriptor stays open', async () => {
  const before = (await readdir('/proc/self/fd')).length;
  await copy('big').catch(() => undefined);
  await failureOf('pipe');
  assert.is((await readdir('/proc/self/fd')).length, before);
});

test('a copy that is given up ends', async () => {
  const error = await copyOut(join(dir, 'big'), join(dir, 'to/late'), { mode: 0o400 }, AbortSignal.abort()).catch(
    (reason: unknown) => reason,
  );
  assert.match((error as Error).message, /given up/);
});

test.run();
