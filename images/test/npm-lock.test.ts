import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { ADDON_INPUTS } from '../src/addon.ts';
import { readIntegrity } from '../src/npm-lock.ts';
import { OVERLAY_INPUTS } from '../src/overlay.ts';

const test = suite('images: npm parts');
const repository = join(import.meta.dirname, '../..');

test('every npm part of the image has an integrity in package-lock.json', async () => {
  const found = await readIntegrity(repository, [...ADDON_INPUTS, ...OVERLAY_INPUTS]);
  for (const [name, integrity] of Object.entries(found)) assert.match(integrity, /^\d+\.\d+\.\d+ sha512-/, name);
});

test('a part without one is refused', async () => {
  const message = await readIntegrity(repository, ['no-such-package']).then(
    () => '',
    (error: Error) => error.message,
  );
  assert.match(message, /no-such-package/);
});

test.run();
