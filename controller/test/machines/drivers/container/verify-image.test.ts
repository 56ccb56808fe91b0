import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import { ImageDamaged, verifyImage } from '../../../../src/machines/drivers/container/verify-image.ts';

const test = suite('container: verify image');
let dir: string;

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-verify-'));
});

test.afterEach(() => rm(dir, { recursive: true }));

test('an image is hashed once, and again when the file is another', async () => {
  const rootfs = join(dir, 'rootfs.erofs');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  await writeFile(rootfs, 'content');
  const image = { id: createHash('sha256').update('content').digest('hex'), rootfs };
  const verify = () => verifyImage(image, join(dir, 'verdict'), log);
  await verify();
  await verify();
  assert.is(lines.length, 1);
  assert.match(lines[0]!, 'image hashed once for this boot');

  await writeFile(rootfs, 'CONTENT');
  const error = await verify().catch((reason: unknown) => reason);
  assert.instance(error, ImageDamaged);
  assert.match((error as Error).message, /is damaged: its sha256 is [0-9a-f]{64}/);
  const again = await verify().catch((reason: unknown) => reason);
  assert.instance(again, ImageDamaged, 'damage is not forgotten');
});

test('a verdict that is half written is none: the image is hashed again', async () => {
  const rootfs = join(dir, 'rootfs.erofs');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  await writeFile(rootfs, 'content');
  const image = { id: createHash('sha256').update('content').digest('hex'), rootfs };
  const path = join(dir, 'verdict');
  await verifyImage(image, path, log);
  const whole = await readFile(path, 'utf8');
  for (const half of ['', whole.slice(0, 64), whole.slice(0, -1)]) {
    await writeFile(path, half);
    await verifyImage(image, path, log);
    assert.is(await readFile(path, 'utf8'), whole);
  }
  assert.is(lines.length, 4);
});

test.run();
