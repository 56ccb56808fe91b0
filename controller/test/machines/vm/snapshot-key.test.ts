import { assert, suite } from '#test/suite';
import type { MachineSpec } from '../../../src/machines/driver.ts';
import { toVmSnapshotKey } from '../../../src/machines/vm/snapshot-key.ts';

const test = suite('vm: key of a snapshot');
const context = { kernelArgs: ['quiet=0'], stage: '/run/oriel-stage' };
const spec: MachineSpec = {
  machineId: 'm-aaaaaaaaaaaa',
  runDir: '/var/lib/oriel/machines/m-aaaaaaaaaaaa',
  image: { id: 'f00d', rootfs: '/rootfs.erofs', rootArgs: 'root=/dev/dm-0' },
  kernel: { id: 'beef', vmlinux: '/vmlinux', bzImage: '/bzImage' },
  configArg: 'oriel.gate=1280x720',
  hostname: 'desktop',
  netns: '/run/netns/oriel-g0',
  hostUser: 0x70000000,
  limits: { memoryMib: 2048, cpus: 2, pids: 1024 },
  diskMib: 4096,
  console: { path: '/console.log', maxBytes: 1048576 },
};
const own = { driver: 'qemu', version: '7.2' };

test('a key is hex, and the same for machines that differ in nothing that their memory depends on', async () => {
  const key = await toVmSnapshotKey(context, spec, own);
  assert.match(key, /^[0-9a-f]{64}$/);
  const other = { machineId: 'm-bbbbbbbbbbbb', runDir: '/other', netns: '/run/netns/oriel-g1', hostUser: 0x70000001 };
  assert.is(await toVmSnapshotKey(context, { ...spec, ...other, snapshot: { dir: '/x' } }, own), key);
});

test('what memory depends on makes another key, each by itself', async () => {
  const changes: Partial<MachineSpec>[] = [
    {},
    { image: { ...spec.image, id: 'f00e' } },
    { kernel: { ...spec.kernel!, id: 'beee' } },
    { configArg: 'oriel.gate=1280x721' },
    { hostname: 'other' },
    { limits: { ...spec.limits, memoryMib: 2049 } },
    { limits: { ...spec.limits, cpus: 1 } },
    { diskMib: 4097 },
  ];
  const keys = await Promise.all([
    ...changes.map((change) => toVmSnapshotKey(context, { ...spec, ...change }, own)),
    toVmSnapshotKey({ ...context, kernelArgs: [] }, spec, own),
    toVmSnapshotKey({ ...context, stage: '/run/other-stage' }, spec, own),
    toVmSnapshotKey(context, spec, { ...own, version: '7.3' }),
    toVmSnapshotKey(context, spec, { ...own, driver: 'firecracker' }),
  ]);
  assert.is(new Set(keys).size, keys.length);
});

test.run();
