import { suite, assert } from '#test/suite';
import { KEPT, parseCapabilities, toDropped } from '../../src/host/capabilities.ts';
import { planLeast } from '../../src/host/least.ts';

const test = suite('least');

const ALL = '000001ffffffffff';
const toStatus = (bounding: string, nnp: number) => `CapInh:\t0\nCapBnd:\t${bounding}\nNoNewPrivs:\t${nnp}\nSeccomp:\t0\n`;
const toLimits = (soft: string, hard: string) =>
  `Max data size  unlimited  unlimited  bytes\nMax core file size        ${soft}   ${hard}   bytes\n`;
const again = ['/usr/bin/node', 'main.ts', 'serve'];

test('capabilities are read by their numbers; one that is newer than the list has its number for a name', () => {
  assert.equal(parseCapabilities('0000000000000003'), ['chown', 'dac_override']);
  assert.equal(parseCapabilities('0000010000000000'), ['checkpoint_restore']);
  assert.equal(parseCapabilities('0000020000000000'), ['cap_41']);
  assert.is(parseCapabilities(ALL).length, 41);
});

test('of all there are, those are dropped that the table does not name, new ones among them', () => {
  const dropped = toDropped('000003ffffffffff');
  assert.is(dropped.length, 42 - Object.keys(KEPT).length);
  assert.ok(
    ['cap_41', 'sys_module', 'sys_rawio', 'sys_boot', 'sys_time', 'net_raw', 'mac_admin', 'bpf', 'syslog'].every((name) =>
      dropped.includes(name),
    ),
  );
});

test('a program with all rights begins again without', () => {
  const argv = planLeast({ status: toStatus('0000000000010002', 0), limits: toLimits('0', 'unlimited') }, again);
  assert.equal(argv, ['prlimit', '--core=1:1', 'setpriv', '--bounding-set=-sys_module', '--inh-caps=-all', '--no-new-privs', ...again]);
});

for (const [what, status, limits, isPlanned] of [
  ['nothing to give up', toStatus('0000000000000002', 1), toLimits('1', '1'), false],
  ['no core dumps at all', toStatus('0000000000000002', 1), toLimits('0', '0'), false],
  ['a limit that could be raised', toStatus('0000000000000002', 1), toLimits('0', 'unlimited'), true],
  ['programs that could give it rights', toStatus('0000000000000002', 0), toLimits('0', '0'), true],
] as const) {
  test(`with ${what} it ${isPlanned ? 'begins again' : 'goes on as it is'}`, () =>
    assert.is(planLeast({ status, limits }, again) !== undefined, isPlanned));
}

test.run();
