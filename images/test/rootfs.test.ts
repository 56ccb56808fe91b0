import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import type { Image } from '../golden/layer.ts';
import type { Lock } from '../src/lock.ts';
import { planBase, planBuilder, toArgv } from '../src/rootfs.ts';
import { toKey } from '../src/stage.ts';

const test = suite('images: root from packages');

const image: Image = {
  ...golden,
  layers: [
    {
      name: 'base',
      packages: [],
      remove: [
        { name: 'tk', why: '' },
        { name: 'tcl', why: '' },
      ],
      delete: [{ path: '/var/log/*', why: '' }],
    },
  ],
  users: [{ name: 'u', uid: 7, comment: 'U', home: '/home/u', shell: '/bin/sh', makeHome: true }],
};
const lock: Lock = {
  schema: 1,
  suite: 'trixie',
  architecture: 'amd64',
  epoch: 99,
  requested: ['a', 'b'],
  packages: ['a', 'b'].map((name) => ({
    name,
    version: '1',
    architecture: 'amd64',
    sha256: name,
    sha1: '',
    size: 1,
    path: '',
    suite: '',
    source: '',
  })),
};

test('packages that nothing uses are purged in order, one by one, before files go', () => {
  assert.equal(planBase(image, lock).customizeHook.split('\n').slice(0, 3), [
    'chroot "$1" dpkg --force-depends --purge tk',
    'chroot "$1" dpkg --force-depends --purge tcl',
    'rm -rf "$1"/var/log/*',
  ]);
});

test('of a folder some files stay, and one that should and is not there ends the build', async () => {
  const root = await mkdtemp(join(tmpdir(), 'oriel-select-'));
  try {
    for (const name of ['a.so', 'b.so', 'c.so']) await writeFile(join(root, name), '');
    const select = (keep: string[]) => {
      const layers = [{ name: 'l', packages: [], select: [{ folder: '', keep, why: '' }] }];
      const lines = planBase({ ...image, layers }, lock).customizeHook.split('\n');
      const script = lines.slice(0, lines.findIndex((line) => line.startsWith('find') && line.endsWith('-delete')) + 1).join('\n');
      return spawnSync('sh', ['-euc', script, 'hook', root], { encoding: 'utf8' });
    };
    assert.match(select(['a.so', 'd.so']).stderr, /^\/d\.so is to stay and is not there$/m);
    assert.equal((await readdir(root)).sort(), ['a.so', 'b.so', 'c.so'], 'and nothing was deleted');
    assert.is(select(['a.so', 'c.so']).status, 0);
    assert.equal((await readdir(root)).sort(), ['a.so', 'c.so']);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('users are there with their ids before any package can take one', () => {
  assert.match(planBase(image, lock).essentialHook, /'u:\*:7:7:U:\/home\/u:\/bin\/sh' >>"\$1\/etc\/passwd"/);
});

test('the key follows every .deb, and nothing of this host', () => {
  const key = toKey(planBase(image, lock));
  assert.is(toKey(planBase(image, structuredClone(lock))), key);
  assert.is.not(
    toKey(planBase(image, { ...lock, packages: lock.packages.map((locked) => ({ ...locked, sha256: `${locked.sha256}!` })) })),
    key,
  );
  assert.is(toKey(planBase(image, { ...lock, packages: lock.packages.map((locked) => ({ ...locked, path: 'elsewhere' })) })), key);
});

test('mmdebstrap gets the local repository alone and a fixed umask', () => {
  const argv = toArgv(planBuilder(lock), '/repo', { essential: '/e', customize: '/c' }, '/out/base.tar');
  assert.equal(argv.slice(0, 3), ['sh', '-c', 'umask 022; exec "$@"']);
  assert.equal(argv.slice(-3), ['trixie', '/out/base.tar', 'deb [trusted=yes] copy:///repo trixie main']);
  assert.ok(argv.includes('--include=a,b') && argv.includes('--format=tar'));
});

test.run();
