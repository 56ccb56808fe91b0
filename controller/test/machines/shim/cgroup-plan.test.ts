import { suite, assert } from '#test/suite';
import { parseMounts } from '../../../src/host/mounts.ts';
import { planCgroup, toCgroupLayout, toMachineId, toMachinesGroup } from '../../../src/machines/shim/cgroup-plan.ts';

const test = suite('container: control groups');
const limits = { memoryMib: 3072, cpus: 1.5, pids: 2048 };
const id = 'm-aaaaaaaaaaaa';

const V2 =
  '31 23 0:28 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n40 23 0:28 / /var/lib/other/cgroup rw - cgroup2 cgroup2 rw\n';
const HYBRID = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;

test('one tree: controllers are switched on from the top down, then the limits are set', () => {
  assert.equal(planCgroup(toCgroupLayout(parseMounts(V2)), 'oriel', id, limits), {
    unit: [],
    groups: ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/in'],
    around: ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa'],
    writes: [
      ['/sys/fs/cgroup/cgroup.subtree_control', '+memory +cpu +pids'],
      ['/sys/fs/cgroup/oriel/cgroup.subtree_control', '+memory +cpu +pids'],
      ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/memory.max', '3221225472'],
      ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/cpu.max', '150000 100000'],
      ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/pids.max', '2048'],
      ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/cgroup.subtree_control', '+cpu'],
      ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/in/cpu.weight', '1'],
    ],
    parents: ['/sys/fs/cgroup/oriel'],
    members: '/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/in',
    oomFile: '/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa/memory.events',
  });
});

test("one tree that is systemd's: a machine is a unit of its own, whose limits systemd sets, and nothing is written", () => {
  const layout = toCgroupLayout(parseMounts(V2), 257);
  const group = '/sys/fs/cgroup/oriel.slice/oriel-machines.slice/oriel-m-aaaaaaaaaaaa.scope';
  assert.equal(planCgroup(layout, 'oriel', id, limits), {
    unit: [
      ...['systemd-run', '--scope', '--quiet', '--collect', '--unit=oriel-m-aaaaaaaaaaaa', '--slice=oriel-machines.slice'],
      '--description=Desktop m-aaaaaaaaaaaa',
      ...['--property=MemoryMax=3221225472', '--property=CPUQuota=150%', '--property=TasksMax=2048', '--property=Delegate=cpu'],
      ...['--property=TimeoutStopSec=10s', '--property=OOMPolicy=continue', '--'],
      ...[
        'sh',
        '-ec',
        'mkdir "$0/in"; echo 0 >"$0/in/cgroup.procs"; echo +cpu >"$0/cgroup.subtree_control"; echo "$1" >"$0/in/cpu.weight"; shift; exec "$@"',
      ],
      ...[group, '1'],
    ],
    groups: [],
    around: [group],
    writes: [],
    parents: ['/sys/fs/cgroup/oriel.slice/oriel-machines.slice'],
    members: `${group}/in`,
    oomFile: `${group}/memory.events`,
  });
});

test('the weight within a machine grows with the processors, so that it has as many steps on each', () => {
  const weightOf = (text: string, processors: number) =>
    planCgroup({ ...toCgroupLayout(parseMounts(text)), processors }, 'oriel', id, limits).writes.find(([file]) => /in.cpu/.test(file))?.[1];
  assert.equal([weightOf(V2, 2), weightOf(V2, 64), weightOf(HYBRID, 1), weightOf(HYBRID, 64)], ['1', '25', '8', '256']);
});

test('a systemd that has no such policy for scopes is told of none', () => {
  const { unit } = planCgroup(toCgroupLayout(parseMounts(V2), 252), 'oriel', id, limits);
  assert.not.ok(unit.some((word) => word.includes('OOMPolicy')));
});

test('where systemd has a tree per controller, limits are ours to set', () => {
  assert.equal(toCgroupLayout(parseMounts(HYBRID), 247), toCgroupLayout(parseMounts(HYBRID)));
});

test("all machines' group is the one above each", () => {
  for (const layout of [toCgroupLayout(parseMounts(V2)), toCgroupLayout(parseMounts(V2), 257), toCgroupLayout(parseMounts(HYBRID))]) {
    const { parents } = planCgroup(layout, 'oriel', id, limits);
    assert.ok(parents.includes(toMachinesGroup(layout, 'oriel')), JSON.stringify(layout));
  }
});

test("a group's name tells the machine", () => {
  assert.is(toMachineId(id), id);
  assert.is(toMachineId(`oriel-${id}.scope`), id);
  for (const other of ['oriel-egress-0a1b2c3d.scope', 'm-short', 'oriel.service', 'cgroup.procs']) assert.is(toMachineId(other), undefined);
});

test('a tree per controller with an empty one beside: limits there, membership here', () => {
  const layout = toCgroupLayout(parseMounts(HYBRID));
  assert.equal(layout, {
    version: 1,
    unified: '/sys/fs/cgroup/unified',
    v1: { cpu: '/sys/fs/cgroup/cpu,cpuacct', memory: '/sys/fs/cgroup/memory', pids: '/sys/fs/cgroup/pids' },
  });
  assert.equal(planCgroup(layout, 'oriel', id, limits), {
    unit: [],
    groups: ['memory', 'cpu,cpuacct', 'pids', 'unified'].map(
      (tree) => `/sys/fs/cgroup/${tree}/oriel/m-aaaaaaaaaaaa${tree === 'cpu,cpuacct' ? '/in' : ''}`,
    ),
    around: ['/sys/fs/cgroup/cpu,cpuacct/oriel/m-aaaaaaaaaaaa'],
    writes: [
      ['/sys/fs/cgroup/memory/oriel/m-aaaaaaaaaaaa/memory.limit_in_bytes', '3221225472'],
      ['/sys/fs/cgroup/cpu,cpuacct/oriel/m-aaaaaaaaaaaa/cpu.cfs_period_us', '100000'],
      ['/sys/fs/cgroup/cpu,cpuacct/oriel/m-aaaaaaaaaaaa/cpu.cfs_quota_us', '150000'],
      ['/sys/fs/cgroup/cpu,cpuacct/oriel/m-aaaaaaaaaaaa/in/cpu.shares', '8'],
      ['/sys/fs/cgroup/pids/oriel/m-aaaaaaaaaaaa/pids.max', '2048'],
    ],
    parents: ['memory', 'cpu,cpuacct', 'pids', 'unified'].map((tree) => `/sys/fs/cgroup/${tree}/oriel`),
    members: '/sys/fs/cgroup/unified/oriel/m-aaaaaaaaaaaa',
    oomFile: '/sys/fs/cgroup/memory/oriel/m-aaaaaaaaaaaa/memory.oom_control',
  });
});

test('trees per controller alone: membership is in the one that counts processes', () => {
  const layout = toCgroupLayout(parseMounts(HYBRID.split('\n').slice(0, 4).join('\n')));
  assert.is(planCgroup(layout, 'oriel', id, limits).members, '/sys/fs/cgroup/pids/oriel/m-aaaaaaaaaaaa');
});

test('a controller that is nowhere is named', () => {
  const mounts = parseMounts(HYBRID).filter(({ path }) => !path.endsWith('/pids'));
  assert.throws(() => toCgroupLayout(mounts), /no control group for pids is mounted/);
  assert.throws(() => toCgroupLayout([]), /no control group for memory, cpu, pids is mounted/);
});

test.run();
