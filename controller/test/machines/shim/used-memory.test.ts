import { assert, suite } from '#test/suite';
import { parseUsedMib, readUsedMib } from '../../../src/machines/shim/used-memory.ts';

const test = suite('used memory');
const MIB = 2 ** 20;

test('programs and their shared memory count, page cache does not', () => {
  assert.is(parseUsedMib(`anon ${100 * MIB}\nfile ${900 * MIB}\nshmem ${20 * MIB}\n`), 120);
});

test('cgroup v1 counts what is below a group under other names', () => {
  assert.is(parseUsedMib(`cache 1\nrss 4096\nshmem 0\ntotal_cache 9\ntotal_rss ${300 * MIB}\ntotal_shmem ${MIB}\n`), 301);
});

test('no group is no machine', () => assert.is(readUsedMib({ version: 2, unified: '/no/such', v1: {} }, 'oriel'), 0));

test.run();
