import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readImageAge, toAgeDays } from '../../src/machines/image-age.ts';

const test = suite('age of an image');

async function readFrom(manifest: string | undefined): Promise<unknown> {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-age-'));
  try {
    await mkdir(join(dir, 'latest'));
    if (manifest !== undefined) await writeFile(join(dir, 'latest/manifest.json'), manifest);
    return await readImageAge(dir, 'latest');
  } finally {
    await rm(dir, { recursive: true });
  }
}

test('it is what the manifest says', async () => assert.equal(await readFrom('{"id":"ab","epoch":7}'), { id: 'ab', epoch: 7 }));

for (const manifest of [undefined, '', 'null', '{"id":"ab"}', '{"id":"ab","epoch":"7"}']) {
  test(`unknown, and no failure, with the manifest ${manifest}`, async () => assert.is(await readFrom(manifest), undefined));
}

test('days are whole', () => {
  const day = 86_400;
  assert.equal([toAgeDays({ epoch: 0 }, (31 * day - 1) * 1000), toAgeDays({ epoch: 0 }, 31 * day * 1000)], [30, 31]);
});

test.run();
