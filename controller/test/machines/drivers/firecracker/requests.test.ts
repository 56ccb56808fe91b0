import { assert, suite } from '#test/suite';
import {
  createSnapshot,
  flushMetrics,
  getMachineConfig,
  pauseVm,
  resumeVm,
  toBootRequests,
  toRestoreRequests,
} from '../../../../src/machines/drivers/firecracker/requests.ts';
import { FakeFirecracker } from '../../../fakes/fake-firecracker.ts';

const test = suite('firecracker: requests');
const plan = { cpus: 2, memoryMib: 2048, kernelLine: 'console=ttyS0', mac: '02:00:00:00:64:02' };
const files = { state: '/files/state', memory: '/files/memory' };
const MIB = 2 ** 20;

test('a machine is made by these calls, in this order', () => {
  const bandwidth = (size: number, one_time_burst: number) => ({ size, one_time_burst, refill_time: 1000 });
  const ops = (size: number) => ({ size, refill_time: 1000 });
  const network = { bandwidth: bandwidth(64 * MIB, 64 * MIB), ops: ops(100_000) };
  assert.equal(
    toBootRequests(plan).map(({ method, path, body }) => [method, path, body]),
    [
      ['PUT', '/logger', { log_path: '/files/log.fifo', level: 'Warning', show_level: true, show_log_origin: false }],
      ['PUT', '/metrics', { metrics_path: '/files/metrics.fifo' }],
      ['PUT', '/serial', { rate_limiter: bandwidth(65_536, MIB) }],
      ['PUT', '/machine-config', { vcpu_count: 2, mem_size_mib: 2048, smt: false }],
      ['PUT', '/boot-source', { kernel_image_path: '/vmlinux', boot_args: 'console=ttyS0' }],
      [
        'PUT',
        '/drives/rootfs',
        {
          drive_id: 'rootfs',
          path_on_host: '/rootfs.erofs',
          is_root_device: false,
          io_engine: 'Sync',
          is_read_only: true,
          rate_limiter: { bandwidth: bandwidth(512 * MIB, 1024 * MIB), ops: ops(50_000) },
        },
      ],
      [
        'PUT',
        '/drives/overlay',
        {
          drive_id: 'overlay',
          path_on_host: '/files/overlay.ext4',
          is_root_device: false,
          io_engine: 'Sync',
          is_read_only: false,
          cache_type: 'Unsafe',
          rate_limiter: { bandwidth: bandwidth(200 * MIB, 512 * MIB), ops: ops(10_000) },
        },
      ],
      [
        'PUT',
        '/network-interfaces/eth0',
        { iface_id: 'eth0', host_dev_name: 'tap0', guest_mac: plan.mac, rx_rate_limiter: network, tx_rate_limiter: network },
      ],
      ['PUT', '/entropy', { rate_limiter: { bandwidth: bandwidth(65_536, 65_536) } }],
      ['PUT', '/balloon', { amount_mib: 0, deflate_on_oom: true, stats_polling_interval_s: 10, free_page_reporting: true }],
      ['PUT', '/actions', { action_type: 'InstanceStart' }],
    ],
  );
});

test('before the call that has the token, Firecracker is told not to log calls', () => {
  const paths = toBootRequests(plan).map(({ path }) => path);
  assert.is(paths[0], '/logger');
  assert.ok(paths.indexOf('/boot-source') > 0);
  assert.ok(['Error', 'Warning'].includes(String(toBootRequests(plan)[0]!.body!.level)));
});

test('more processors than Firecracker has are as many as it has', () => {
  assert.is(toBootRequests({ ...plan, cpus: 256 })[3]!.body!.vcpu_count, 32);
});

test('no call needs /proc, argv or an environment to carry the kernel line: it is in one body', () => {
  const having = toBootRequests({ ...plan, kernelLine: 'CANARY' }).filter((call) => JSON.stringify(call).includes('CANARY'));
  assert.equal(
    having.map(({ path }) => path),
    ['/boot-source'],
  );
});

const toStatus = (fake: FakeFirecracker) => (call: ReturnType<typeof pauseVm>) => fake.answer({ ...call, body: call.body }).status;

test('the calls of a boot are taken in their order', () => {
  const fake = new FakeFirecracker();
  assert.ok(
    toBootRequests(plan)
      .map(toStatus(fake))
      .every((status) => status === 204),
  );
  assert.is(fake.state, 'Running');
});

test('a machine that runs takes no boot config, one that does not starts without a kernel', () => {
  const fake = new FakeFirecracker();
  assert.is(toStatus(fake)(toBootRequests(plan).at(-1)!), 400);
  toBootRequests(plan).forEach(toStatus(fake));
  for (const call of toBootRequests(plan)) assert.is(toStatus(fake)(call), 400, call.path);
});

test('a machine that was written down is made by these calls; nothing but logger and metrics comes before', () => {
  const load = {
    snapshot_path: '/files/state',
    mem_backend: { backend_type: 'File', backend_path: '/files/memory' },
    network_overrides: [{ iface_id: 'eth0', host_dev_name: 'tap0' }],
    resume_vm: true,
    clock_realtime: false,
  };
  assert.equal(toRestoreRequests(files), [...toBootRequests(plan).slice(0, 2), { method: 'PUT', path: '/snapshot/load', body: load }]);
});

test('a machine is written down whole, to two files', () => {
  const body = { snapshot_type: 'Full', snapshot_path: '/files/state', mem_file_path: '/files/memory' };
  assert.equal(createSnapshot(files), { method: 'PUT', path: '/snapshot/create', body });
});

test('a snapshot is made of a paused machine, and loaded into a fresh one', () => {
  const first = new FakeFirecracker();
  assert.equal([createSnapshot(files), pauseVm(), resumeVm()].map(toStatus(first)), [400, 400, 400]);
  toBootRequests(plan).forEach(toStatus(first));
  assert.equal(
    [createSnapshot(files), pauseVm(), createSnapshot(files), resumeVm(), createSnapshot(files), flushMetrics()].map(toStatus(first)),
    [400, 204, 204, 204, 400, 204],
  );
  const load = toRestoreRequests(files).at(-1)!;
  const second = new FakeFirecracker();
  assert.equal([...toRestoreRequests(files), load].map(toStatus(second)), [204, 204, 204, 400]);
  assert.is(second.state, 'Running');
  for (const call of toBootRequests(plan).slice(2, -1)) {
    const third = new FakeFirecracker();
    assert.equal([call, load].map(toStatus(third)), [204, 400], call.path);
  }
});

test('a machine says how much memory it has', () => {
  const fake = new FakeFirecracker();
  toBootRequests(plan).forEach(toStatus(fake));
  assert.is((fake.answer({ ...getMachineConfig(), body: undefined }).body as { mem_size_mib: number }).mem_size_mib, 2048);
});

test.run();
