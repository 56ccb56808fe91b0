import { assert, suite } from '#test/suite';
import { parseSums, toSums } from '../../release/release.ts';

const test = suite('sums of a release');

test('sums are read as they are written; a path out of the release is none', () => {
  const files = [
    { path: 'b', sha256: 'b'.repeat(64) },
    { path: 'a/c', sha256: 'a'.repeat(64) },
  ];
  assert.equal([...parseSums(toSums(files))!.keys()], ['a/c', 'b']);
  for (const path of ['../a', '/etc/passwd', 'a/../../b']) assert.is(parseSums(toSums([{ path, sha256: 'a'.repeat(64) }])), undefined);
  assert.is(parseSums(''), undefined);
});

test.run();
