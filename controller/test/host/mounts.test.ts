import { suite, assert } from '#test/suite';
import { parseMounts } from '../../src/host/mounts.ts';

const test = suite('host: mounts');

test('mountinfo is read with and without optional fields, escapes undone', () => {
  const text = `31 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct
99 27 7:0 / /run/a\\040b ro,idmapped - erofs /dev/loop0 ro,user_xattr
`;
  assert.equal(parseMounts(text), [
    {
      path: '/sys/fs/cgroup/cpu,cpuacct',
      type: 'cgroup',
      source: 'cgroup',
      options: ['rw', 'relatime'],
      superOptions: ['rw', 'cpu', 'cpuacct'],
    },
    { path: '/run/a b', type: 'erofs', source: '/dev/loop0', options: ['ro', 'idmapped'], superOptions: ['ro', 'user_xattr'] },
  ]);
});

test.run();
