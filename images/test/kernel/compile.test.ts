import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { KERNEL_OPTIONS, toFragment } from '../../golden/kernel/options.ts';
import { findDifferences, findLost } from '../../src/kernel/compile.ts';

const test = suite('images: kernel');
const committed = () => readFile(join(import.meta.dirname, '../../golden/kernel/resolved.config'), 'utf8');

test('no option is asked for twice', () => {
  const names = KERNEL_OPTIONS.map(({ name }) => name);
  assert.equal(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

test('the fragment is in the language of kconfig', () => {
  const options = [
    { name: 'A', why: '' },
    { name: 'B', value: 'n', why: '' },
    { name: 'C', value: '"x"', why: '' },
  ];
  assert.is(toFragment(options), 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\n');
});

test('the committed config has every option that is asked for', async () => {
  assert.equal(findLost(await committed()), []);
});

test('an option that is lost is named, and one that came back', () => {
  const options = [
    { name: 'A', why: '' },
    { name: 'B', value: 'n', why: '' },
  ];
  assert.equal(findLost('CONFIG_A=y\n# CONFIG_B is not set\n', options), []);
  const lost = findLost('# CONFIG_A is not set\nCONFIG_B=y\n', options);
  assert.is(lost.length, 2);
  assert.match(lost[0]!, /CONFIG_A=y was asked for and is not in the result/);
});

test('a config that is not the committed one is told line by line, and what to do', () => {
  assert.equal(findDifferences('CONFIG_A=y\n', 'CONFIG_A=y\n'), []);
  assert.equal(findDifferences('CONFIG_A=y\n', 'CONFIG_B=y\n').slice(1), ['  - CONFIG_A=y', '  + CONFIG_B=y']);
  assert.match(findDifferences('', 'CONFIG_B=y\n')[0]!, /just kernel-config/);
});

test('the guest kernel takes no modules, has no IPv6 and finds its devices by ACPI', async () => {
  const lines = (await committed()).split('\n');
  for (const line of ['# CONFIG_MODULES is not set', '# CONFIG_IPV6 is not set', 'CONFIG_ACPI=y', 'CONFIG_DM_INIT=y'])
    assert.ok(lines.includes(line), line);
});

test.run();
