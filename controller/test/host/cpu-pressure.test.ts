import { assert, suite } from '#test/suite';
import { parseCpuPressure, readCpuPressure, toPressure } from '../../src/host/cpu-pressure.ts';

const test = suite('cpu pressure');

test("it is the last minute's share in which some program waited", () => {
  const text = 'some avg10=11.88 avg60=8.23 avg300=11.61 total=10511504434\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
  assert.is(parseCpuPressure(text), 8.23);
});

test('the load gives an estimate: nothing up to a program for each processor, all at two', () => {
  assert.is(toPressure(1.9, 2), 0);
  assert.is(toPressure(3, 2), 50);
  assert.is(toPressure(9, 2), 100);
});

test('a kernel that does not tell is no error', () => {
  const pressure = readCpuPressure('/no/such/file');
  assert.ok(pressure >= 0 && pressure <= 100, String(pressure));
});

test.run();
