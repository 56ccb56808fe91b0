import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { warnOfOldImage } from '../../src/process/old-image.ts';

const test = suite('an old image at start');

/** What is logged with an image of so many days; no image without a number. */
async function warnings(days: number | undefined, imageMaxAgeDays: number): Promise<unknown[]> {
  const imageDir = await mkdtemp(join(tmpdir(), 'oriel-old-'));
  const logged: unknown[] = [];
  const log = { warn: (...words: unknown[]) => void logged.push(words) };
  try {
    await mkdir(join(imageDir, 'latest'));
    const epoch = Math.floor(Date.now() / 1000) - (days ?? 0) * 86_400 - 60;
    if (days !== undefined) await writeFile(join(imageDir, 'latest/manifest.json'), JSON.stringify({ id: 'ab', epoch }));
    await warnOfOldImage({ imageDir, image: 'latest', imageMaxAgeDays }, log);
    return logged;
  } finally {
    await rm(imageDir, { recursive: true });
  }
}

test('one that is older than the limit is warned of, with its age', async () => {
  assert.equal(await warnings(31, 30), [[{ image: 'ab', days: 31 }, 'the image lacks the security updates of these days']]);
});

test('one within the limit is not, nor is a missing one', async () => {
  assert.equal([await warnings(30, 30), await warnings(31, 90), await warnings(undefined, 30)], [[], [], []]);
});

test.run();
