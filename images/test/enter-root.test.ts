import { assert, suite } from '#test/suite';
import { toEnterArgv } from '../src/enter-root.ts';

const test = suite('images: enter a root');

test('a command runs in namespaces that die with it, offline, folders read-only unless told', () => {
  const argv = toEnterArgv(
    '/scratch',
    '/root.erofs',
    [
      { from: '/a', to: '/b' },
      { from: '/c', to: '/d', writable: true },
    ],
    ['ls', '-l'],
  );
  for (const word of ['--mount', '--pid', '--net', '--kill-child=SIGKILL']) assert.ok(argv.includes(word), word);
  assert.equal(argv.slice(argv.indexOf('/scratch')), ['/scratch', '/root.erofs', '/a:/b:ro', '/c:/d:rw', '--', 'ls', '-l']);
});

test.run();
