import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import type { Image } from '../golden/layer.ts';
import { toOwners, toSizes } from '../src/sizes.ts';

const test = suite('images: sizes');

const asked = (name: string) => ({ name, why: '' });
const image: Image = {
  ...golden,
  layers: [
    { name: 'base', packages: [asked('s6')] },
    { name: 'desktop', packages: [asked('xfce'), asked('s6')] },
    { name: 'agent', packages: [] },
  ],
};
const stanza = (name: string, more = '') => `Package: ${name}\nStatus: install ok installed\n${more}`;
const status = [
  stanza('bash', 'Essential: yes\nDepends: libc6\n'),
  stanza('libc6'),
  stanza('s6', 'Depends: libc6, skalibs\n'),
  stanza('skalibs'),
  stanza('xfce', 'Depends: libx11, libc6\n'),
  stanza('libx11'),
  stanza('left-over'),
  'Package: purged\nStatus: deinstall ok config-files\n',
].join('\n');

const measured = {
  status,
  layers: { desktop: 5, agent: 900 },
  packages: { bash: 10, libc6: 20, s6: 3, skalibs: 4, xfce: 100, libx11: 50, purged: 7 },
  files: { '/etc/motd': 'ab' },
  rest: 1,
};

test('a dependency costs the first layer that needs it, essential packages and what nobody asked for the first of all', () => {
  assert.equal(toSizes(image, measured), {
    total: 1093,
    generated: 1,
    layers: [
      { name: 'base', packages: 5, packageBytes: 37, fileBytes: 0 },
      { name: 'desktop', packages: 2, packageBytes: 150, fileBytes: 5 },
      { name: 'agent', packages: 0, packageBytes: 0, fileBytes: 900 },
    ],
    packages: { bash: 10, 'left-over': 0, libc6: 20, libx11: 50, s6: 3, skalibs: 4, xfce: 100 },
    files: { '/etc/motd': 'ab' },
  });
});

test('no order of the host shows: names are sorted', () => {
  const shuffled = { ...measured, status: status.split('\n\n').reverse().join('\n\n') };
  assert.is(JSON.stringify(toSizes(image, shuffled)), JSON.stringify(toSizes(image, measured)));
});

test('a file is of the last layer that has it, the rest of what lies over the packages is of the bundle', () => {
  const trees = [
    ['base', { '/etc/a': 'x', '/etc/b': 'x' }],
    ['desktop', { '/etc/b': 'y' }],
  ] as const;
  assert.equal(toOwners(['/', '/etc/', '/etc/a', '/etc/b', '/usr/bin/node', ''], trees, 'agent'), {
    '/etc/a': 'base',
    '/etc/b': 'desktop',
    '/usr/bin/node': 'agent',
  });
});

test.run();
