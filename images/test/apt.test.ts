import { assert, suite } from '#test/suite';
import { mirrorOf, toAptConf, toSourceList, toSuites } from '../src/apt.ts';

const test = suite('images: isolated apt');

const mirrors = { main: 'http://m.test/debian', security: 'http://s.test/debian-security' };

test('a suite comes with its updates and its security', () => {
  assert.equal(toSuites('trixie'), ['trixie', 'trixie-updates', 'trixie-security']);
});

test('security has a mirror of its own', () => {
  assert.is(mirrorOf(mirrors, 'trixie-updates'), mirrors.main);
  assert.is(mirrorOf(mirrors, 'trixie-security'), mirrors.security);
});

test("every source is signed by Debian's keyring", () => {
  const lines = toSourceList(mirrors, 'trixie').trimEnd().split('\n');
  assert.is(lines.length, 3);
  for (const line of lines) assert.match(line, /^deb \[signed-by=\/usr\/share\/keyrings\/debian-archive-keyring\.gpg\] http/);
  assert.match(lines[2]!, /http:\/\/s\.test\/debian-security trixie-security main$/);
});

test("nothing of the host's apt is read", () => {
  const conf = toAptConf('/x', 'amd64');
  for (const line of [
    'Dir "/x";',
    'Dir::State::status "/dev/null";',
    'Dir::Etc::trustedparts "/dev/null";',
    'Dir::Etc::sourceparts "/dev/null";',
  ]) {
    assert.ok(conf.includes(`${line}\n`), line);
  }
});

test.run();
