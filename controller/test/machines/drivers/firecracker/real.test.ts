import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { findCommand } from '../../../../src/host/find-command.ts';
import { FirecrackerApi } from '../../../../src/machines/drivers/firecracker/api.ts';
import { getInstance, getVersion, toBootRequests, type ApiRequest } from '../../../../src/machines/drivers/firecracker/requests.ts';

const test = suite('firecracker: the real program');
const program = await findCommand('firecracker');

/** Calls that need a host for machines: a tap, KVM, a kernel. */
const NEEDS_HOST = /^\/(network-interfaces|actions)/;

/** The same calls with files that are here instead of in a jail. */
function toLocal({ body, ...call }: ApiRequest, dir: string): ApiRequest {
  const moved = Object.entries(body ?? {}).map(([key, value]) => [key, /_path$|path_on_host/.test(key) ? join(dir, key) : value] as const);
  return { ...call, body: Object.fromEntries(moved) };
}

async function tryPreBootCalls(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-fc-real-'));
  for (const name of ['log_path', 'metrics_path', 'kernel_image_path', 'path_on_host'])
    await writeFile(join(dir, name), Buffer.alloc(4096));
  const socket = join(dir, 'api.sock');
  const child = spawn(program!, ['--api-sock', socket, '--id', 'pre-boot'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const api = new FirecrackerApi(socket);
  try {
    const signal = AbortSignal.timeout(10_000);
    await api.sendFirst(getVersion(), signal);
    const calls = toBootRequests({ cpus: 2, memoryMib: 512, kernelLine: 'console=ttyS0', mac: '02:00:00:00:64:02' });
    for (const call of calls.filter(({ path }) => !NEEDS_HOST.test(path))) await api.send(toLocal(call, dir), signal);
    assert.is(((await api.send(getInstance(), signal)) as { state: string }).state, 'Not started');
    await assertRefused(api, { method: 'PUT', path: '/machine-config', body: { vcpu_count: 1, mem_size_mib: 128, memory: 1 } });
  } finally {
    api.close();
    child.kill('SIGKILL');
    await exited;
    await rm(dir, { recursive: true, force: true });
  }
}

async function assertRefused(api: FirecrackerApi, call: ApiRequest): Promise<void> {
  const error = await api.send(call, AbortSignal.timeout(5_000)).catch((reason: Error) => reason);
  assert.match((error as Error).message, /^PUT \/machine-config: 400: .*unknown field/);
}

const TITLE = 'takes every call that comes before a boot, and refuses a field that it does not know';
if (program === undefined) test.skip(TITLE, 'there is no firecracker on the PATH');
else test(TITLE, tryPreBootCalls);

test.run();
