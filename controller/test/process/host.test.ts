import { tmpdir } from 'node:os';
import { Ajv } from 'ajv';
import { Host } from '#contract/host';
import { assert, suite } from '#test/suite';
import { hostReader, parseMemory } from '../../src/process/host.ts';

const test = suite('host');

test('memory is what the kernel says is available', () => {
  assert.equal(parseMemory('MemTotal:       2097152 kB\nMemFree:  1 kB\nMemAvailable:   1048576 kB\n'), {
    totalMib: 2048,
    availableMib: 1024,
  });
  assert.equal(parseMemory(''), { totalMib: 0, availableMib: 0 });
});

test('a host is told as the contract has it, also without an image', async () => {
  const read = hostReader({
    config: { instance: 'oriel', imageDir: '/nowhere', image: 'latest', dataDir: tmpdir() },
    driver: { name: 'container', isolation: 'shared-kernel' },
    version: '1.2.3',
    checkReady: async () => ({ ready: false, checks: { image: 'there is none' } }),
    readSlots: () => ({ used: 1, all: 3 }),
  });
  const host = await read();
  const validate = new Ajv().compile(Host);
  assert.ok(validate(host), JSON.stringify(validate.errors));
  assert.equal([host.version, host.slots, host.ready, host.checks['image']], ['1.2.3', { used: 1, all: 3 }, false, 'there is none']);
  assert.ok(host.memory.totalMib > 0 && host.disk.totalMib > 0 && host.cpu.cores > 0);
});

test('upstreams are told by whose they are, and how many do not work', async () => {
  const read = hostReader({
    config: { instance: 'oriel', imageDir: '/nowhere', image: 'latest', dataDir: tmpdir() },
    driver: { name: 'container', isolation: 'shared-kernel' },
    version: '1.2.3',
    checkReady: async () => ({ ready: true, checks: {} }),
    readSlots: () => ({ used: 1, all: 3 }),
    readPool: () => [
      { state: 'free', isUp: true, count: 1 },
      { state: 'free', isUp: false, count: 2 },
      { state: 'leased', isUp: true, count: 3 },
      { state: 'leased', isUp: false, count: 4 },
      { state: 'cooling', isUp: true, count: 5 },
    ],
  });
  const host = await read();
  assert.ok(new Ajv().compile(Host)(host));
  assert.equal(host.upstreams, { free: 1, leased: 7, cooling: 5, unwell: 6 });
});

test.run();
