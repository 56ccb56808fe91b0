import { assert, suite } from '#test/suite';
import { findMissingModules } from '../../src/host/modules.ts';

const test = suite('modules');
const FRESH = 'nodev\tsysfs\nnodev\ttmpfs\n\text4\n';

test('a server that was just booted has none of the modules, and is told which', () =>
  assert.equal(
    findMissingModules(FRESH, () => false),
    ['erofs', 'overlay', 'loop', 'tun'],
  ));

test('what is in the kernel, or was loaded, is not missed', () => {
  assert.equal(
    findMissingModules(`${FRESH}nodev\toverlay\n\terofs\n`, () => true),
    [],
  );
  assert.equal(
    findMissingModules(`${FRESH}nodev\tfuse.overlay-like\nnodev\toverlay\n`, (path) => path !== '/dev/net/tun'),
    ['erofs', 'tun'],
  );
});

test.run();
