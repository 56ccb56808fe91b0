import { assert, suite } from '#test/suite';
import { BuildError, CommandFailed } from '../src/errors.ts';
import { explainFailure } from '../src/explain.ts';

const test = suite('images: failures of the host');

const paths = { cache: '/cache', images: '/images' };
const errno = (code: string) => Object.assign(new Error(`${code}: words`), { code, syscall: 'mkdir', path: '/cache/tmp' });

for (const error of [errno('ENOSPC'), new CommandFailed('mmdebstrap …\ndpkg: error: No space left on device\nE: failed')]) {
  test(`a full disk is one line that names both places: ${error.name}`, () => {
    assert.match((explainFailure(error, paths) as Error).message, /^No space left: .* \/cache .* \/images [^\n]*$/);
  });
}

test('a place that may not be written says so', () => {
  assert.is(
    (explainFailure(errno('EACCES'), paths) as Error).message,
    '/cache/tmp cannot be written (mkdir): run as root, or set ORIEL_CACHE_DIR and ORIEL_IMAGE_DIR',
  );
});

test('what is told already, and what nobody foresaw, stays as it is', () => {
  for (const error of [new BuildError('told'), new Error('a bug')]) assert.is(explainFailure(error, paths), error);
});

test.run();
