import { assert, suite } from '#test/suite';
import { GUEST_MAC } from '../../../../src/net/guest-mac.ts';
import * as requests from '../../../../src/machines/drivers/firecracker/requests.ts';
import type { ApiRequest } from '../../../../src/machines/drivers/firecracker/requests.ts';
import { toFirecrackerProbe } from '../../../../src/machines/kvm.ts';
import { FakeFirecracker, type Call } from '../../../fakes/fake-firecracker.ts';
import { DESCRIPTION_MISSING, readDescription } from './description.ts';

const test = suite('firecracker: contract');
const description = readDescription();
const check = description ? test : (title: string) => test.skip(title, DESCRIPTION_MISSING);

const plan = { cpus: 2, memoryMib: 2048, kernelLine: 'console=ttyS0 oriel.config=e30', mac: GUEST_MAC };
const files = { state: '/files/state', memory: '/files/memory' };

/** Every builder with all that it can give; a new one is a type error here until it has a case. */
const CASES = {
  toBootRequests: [...requests.toBootRequests(plan), ...requests.toBootRequests({ ...plan, cpus: 256 })],
  toRestoreRequests: requests.toRestoreRequests(files),
  getVersion: [requests.getVersion()],
  getMachineConfig: [requests.getMachineConfig()],
  getInstance: [requests.getInstance()],
  getBalloonStatistics: [requests.getBalloonStatistics()],
  flushMetrics: [requests.flushMetrics()],
  setBalloon: [requests.setBalloon(0), requests.setBalloon(512)],
  pauseVm: [requests.pauseVm()],
  resumeVm: [requests.resumeVm()],
  createSnapshot: [requests.createSnapshot(files)],
  loadSnapshot: [requests.loadSnapshot(files)],
} satisfies Record<keyof typeof requests, ApiRequest[]>;

const toCall = ({ method, path, body }: ApiRequest): Call => ({ method, path, body });
/** The call with another value (none: without it) at a path of its body. */
function spoil({ method, path, body }: ApiRequest, at: string, value?: unknown): Call {
  const spoilt = structuredClone(body) as Record<string, unknown>;
  const names = at.split('.');
  const last = names.pop()!;
  const parent = names.reduce((object, name) => object[name] as Record<string, unknown>, spoilt);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return { method, path, body: spoilt };
}

test('every builder of requests has a case', () => {
  assert.equal(Object.keys(CASES).sort(), Object.keys(requests).sort());
});

check('the description is of the release that is asked for', () => assert.is(description!.version, '1.16.1'));

for (const [builder, calls] of Object.entries(CASES)) {
  check(`${builder} gives what the description knows`, () => {
    assert.ok(calls.length > 0);
    for (const call of calls) assert.equal(description!.checkCall(toCall(call)), [], `${call.method} ${call.path}`);
  });
}

check('the machine that KVM is tried with is in words of the description', () => {
  const kernel = { id: 'k', vmlinux: '/vmlinux', bzImage: '/bzImage' };
  const probe = toFirecrackerProbe(kernel, { id: 'i', rootfs: '/rootfs.erofs', rootArgs: 'root=/dev/dm-0' });
  assert.equal(Object.keys(probe), ['machine-config', 'boot-source', 'drives']);
  const put = (path: string, body: Record<string, unknown>) => ({ method: 'PUT', path, body });
  assert.equal(description!.checkCall(put('/machine-config', probe['machine-config'])), []);
  assert.equal(description!.checkCall(put('/boot-source', probe['boot-source'])), []);
  for (const drive of probe.drives) assert.equal(description!.checkCall(put('/drives/rootfs', drive)), []);
});

const [, , , machine, , rootfs] = CASES.toBootRequests;
const [load] = CASES.loadSnapshot;
const WRONG: [what: string, call: Call][] = [
  ['an unknown field', spoil(machine!, 'memory_mib', 1)],
  ['an unknown field below', spoil(rootfs!, 'rate_limiter.bandwidth.burst', 1)],
  ['an unknown field in a list', spoil(load!, 'network_overrides.0.mac', GUEST_MAC)],
  ['a missing field', spoil(machine!, 'mem_size_mib')],
  ['a field of another type', spoil(machine!, 'mem_size_mib', '2048')],
  ['a value that is none', spoil(load!, 'mem_backend.backend_type', 'Memory')],
  ['too many processors', spoil(machine!, 'vcpu_count', 33)],
  ['another id than the path has', spoil(rootfs!, 'drive_id', 'other')],
  ['a wrong path', { ...toCall(machine!), path: '/machine' }],
  ['a wrong method', { ...toCall(machine!), method: 'PATCH', path: '/boot-source' }],
  ['no body where one is due', { ...toCall(machine!), path: '/actions', body: undefined }],
  ['a body where none is due', { method: 'GET', path: '/version', body: {} }],
];

for (const [what, call] of WRONG) check(`${what} fails`, () => assert.ok(description!.checkCall(call).length > 0));

check('what the fake answers is what the description says', () => {
  const fake = new FakeFirecracker({ validate: description!.checkCall });
  const calls = [...Object.values(CASES).flat().map(toCall), ...WRONG.slice(0, 8).map(([, call]) => call)];
  const statuses = calls.map((call) => {
    const { status, body } = fake.answer(call);
    assert.equal(description!.checkAnswer(call, status, body), [], `${call.method} ${call.path} ${status}`);
    return status;
  });
  assert.equal([...new Set(statuses)].sort(), [200, 204, 400]);
});

test.run();
