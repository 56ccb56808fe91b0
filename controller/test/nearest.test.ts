import { suite, assert } from '#test/suite';
import { nearest } from '../src/nearest.ts';

const test = suite('nearest');

for (const [word, expected] of [
  ['ORIEL_BIN', 'ORIEL_BIND'],
  ['ORIEL_DATADIR', 'ORIEL_DATA_DIR'],
  ['ORIEL_PROT', 'ORIEL_PORT'],
] as const) {
  test(`${word} is nearest to ${expected}`, () => assert.is(nearest(word, ['ORIEL_BIND', 'ORIEL_DATA_DIR', 'ORIEL_PORT']), expected));
}

test.run();
