import { suite, assert } from '#test/suite';
import { readClockKhz } from '../../../src/machines/vm/tsc.ts';

const test = suite('vm: clock of the processor');

test("the first processor's clock, in kHz", () => {
  assert.is(readClockKhz('processor\t: 0\ncpu MHz\t\t: 2099.998\nprocessor\t: 1\ncpu MHz\t\t: 800.000\n'), 2_099_998);
});

test('a host that does not say: 2 GHz', () => {
  assert.is(readClockKhz('processor : 0\nBogoMIPS : 50.00\n'), 2_000_000);
});

test('this host has one', () => {
  const khz = readClockKhz();
  assert.ok(khz > 100_000 && khz < 10_000_000, `${khz}`);
});

test.run();
