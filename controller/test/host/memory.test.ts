import { assert, suite } from '#test/suite';
import { parseAvailableMib, readAvailableMib } from '../../src/host/memory.ts';

const test = suite('memory');

test('what is available is read in MiB, and not what is free', () => {
  assert.is(parseAvailableMib('MemTotal: 24683724 kB\nMemFree:        20563 kB\nMemAvailable:   22557316 kB\n'), 22_028);
});

test('a text without it is an error, never no memory', () => assert.throws(() => parseAvailableMib('MemFree: 1 kB\n'), /no MemAvailable/));

test('this host has some', () => assert.ok(readAvailableMib() > 0));

test.run();
