import { assert, suite } from '#test/suite';
import { toPoolPath, toRelease, toStanza } from '../src/repository.ts';

const test = suite('images: local repository');

const locked = { name: 'bash', sha256: 'ab'.repeat(32), size: 7 };

test("a stanza is the .deb's own fields and where it is", () => {
  assert.is(
    toStanza('Package: bash\nVersion: 5\n', locked),
    `Package: bash\nVersion: 5\nFilename: pool/bash_abababababababab.deb\nSize: 7\nSHA256: ${locked.sha256}\n`,
  );
});

test('two contents of one package have two places', () => {
  assert.is.not(toPoolPath(locked), toPoolPath({ ...locked, sha256: 'cd'.repeat(32) }));
});

test("the code name is the suite's: mmdebstrap narrows by it", () => {
  assert.match(toRelease({ suite: 'trixie', architecture: 'amd64' }), /^Codename: trixie$/m);
});

test.run();
