import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { assert } from '#test/suite';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import { MachineStartFailed, type Machine, type MachineSpec } from '../../../../src/machines/driver.ts';
import { createFirecrackerDriver, type FirecrackerDriver } from '../../../../src/machines/drivers/firecracker/driver.ts';
import type { Programs } from '../../../../src/machines/drivers/firecracker/programs.ts';
import type { Setup } from '../../../fakes/fake-vmm-main.ts';

export const USER = 0x70000000;
const FAKES = join(import.meta.dirname, '../../../fakes');

/** A host for machines of a fake Firecracker: everything is real but the jailer and Firecracker, which need KVM. */
export class Rig {
  readonly instance: string;
  readonly netns: string;
  readonly logged: string[] = [];
  dir = '';
  driver!: FirecrackerDriver;
  programs!: () => Promise<Programs>;
  #before: string[] = [];
  #counter = 0;

  constructor(instance: string) {
    this.instance = instance;
    this.netns = `${instance}-g0`;
  }

  async setUp(): Promise<void> {
    this.dir = await mkdtemp(join(tmpdir(), 'oriel-fc-'));
    await chmod(this.dir, 0o755);
    this.#before = await this.#takeCensus();
    await run(['ip', 'netns', 'add', this.netns]);
    await run(['ip', '-n', this.netns, 'link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'tap1']);
    for (const name of ['rootfs.erofs', 'vmlinux']) await writeFile(join(this.dir, name), name);
    this.programs = await this.makePrograms('good', {});
    this.driver = this.createDriver();
  }

  async tearDown(): Promise<void> {
    for (let i = 1; i <= this.#counter; i += 1) await this.driver.remove({ machineId: toMachineId(i), runDir: '' });
    await this.driver.close();
    await run(['ip', 'netns', 'delete', this.netns]).catch(() => {});
    await rm(this.dir, { recursive: true, force: true });
  }

  createDriver(): FirecrackerDriver {
    const log = pino({}, { write: (line: string) => void this.logged.push(line) });
    const options = { runDir: join(this.dir, 'run'), instance: this.instance, kernelArgs: [], diskMib: 64, log };
    return createFirecrackerDriver({ ...options, findPrograms: () => this.programs() });
  }

  /** The two programs; what the fake is told is written into it, as the jailer hands on no environment. */
  async makePrograms(name: string, setup: Setup): Promise<() => Promise<Programs>> {
    const folder = join(this.dir, name);
    await mkdir(folder, { recursive: true });
    const firecracker = join(folder, 'firecracker-fake');
    const node = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(FAKES, 'fake-vmm-main.ts')}'`;
    await writeFile(firecracker, `#!/bin/sh\nFAKE_SETUP='${JSON.stringify(setup)}' exec ${node} "$@"\n`, { mode: 0o755 });
    const jailer = join(folder, 'jailer');
    const binds = ['/usr', '/proc', FAKES, dirname(process.execPath)].join(' ');
    await writeFile(jailer, `#!/bin/sh\nFAKE_BINDS='${binds}' exec sh '${join(FAKES, 'fake-jailer.sh')}' "$@"\n`, { mode: 0o755 });
    return async () => ({ firecracker, jailer });
  }

  async toSpec(): Promise<MachineSpec> {
    const machineId = toMachineId((this.#counter += 1));
    const runDir = join(this.dir, 'machines', machineId);
    await mkdir(runDir, { recursive: true, mode: 0o700 });
    return {
      machineId,
      runDir,
      image: { id: 'f00d', rootfs: join(this.dir, 'rootfs.erofs'), rootArgs: 'root=/dev/dm-0' },
      kernel: { id: 'beef', vmlinux: join(this.dir, 'vmlinux'), bzImage: join(this.dir, 'vmlinux') },
      configArg: 'oriel.config=CANARY',
      hostname: 'desktop',
      netns: `/run/netns/${this.netns}`,
      hostUser: USER,
      limits: { memoryMib: 256, cpus: 1, pids: 64 },
      diskMib: 64,
      console: { path: join(runDir, 'console.log'), maxBytes: 1 << 20 },
    };
  }

  async start(spec: MachineSpec, setup: Setup): Promise<Machine> {
    this.programs = await this.makePrograms(spec.machineId, setup);
    return this.driver.start(spec, new AbortController().signal);
  }

  /** Why a start failed, with nothing left of it. */
  async failureOf(setup: Setup | (() => Promise<Programs>), spec?: MachineSpec): Promise<string> {
    const used = spec ?? (await this.toSpec());
    this.programs = typeof setup === 'function' ? setup : await this.makePrograms(used.machineId, setup);
    const error = await this.driver.start(used, new AbortController().signal).catch((reason: unknown) => reason);
    assert.instance(error, MachineStartFailed);
    await assertNothingLeft(used);
    assert.not.match((error as Error).message, 'CANARY');
    return (error as Error).message;
  }

  async assertAsBefore(): Promise<void> {
    const isSame = async () => (await this.#takeCensus()).join() === this.#before.join();
    for (const until = Date.now() + 5_000; Date.now() < until && !(await isSame());) await sleep(50);
    assert.equal(await this.#takeCensus(), this.#before);
  }

  async #takeCensus(): Promise<string[]> {
    const outputs = await Promise.all([
      run(['ip', 'netns']),
      run(['findmnt', '-rno', 'TARGET']),
      run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', this.instance]),
      run(['find', '/run', '-maxdepth', '1', '-name', `${this.instance}*`]),
      run(['ps', '-eo', 'args', '-ww']),
    ]);
    const isOurs = (line: string) => line.includes(this.instance) || line.includes(this.dir);
    return outputs.flatMap((text) => text.split('\n').filter((line) => isOurs(line) && !line.startsWith('find ')));
  }
}

export async function assertNothingLeft({ machineId }: MachineSpec): Promise<void> {
  assert.equal(await listProcesses({ machineId }), []);
  assert.equal(await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${machineId}*`]), '');
}

export async function untilConsole({ console }: MachineSpec, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 5_000; !pattern.test(await readConsole(console.path)); await sleep(10)) {
    if (Date.now() > until) throw new Error(`${pattern} is not on the console: ${await readConsole(console.path)}`);
  }
}

/** Processes of a machine and its shim, by command lines and by control group. */
export async function listProcesses({ machineId }: Pick<MachineSpec, 'machineId'>): Promise<string[]> {
  const all = await run(['ps', '-eo', 'pid,cgroup,args', '-ww']);
  return all.split('\n').filter((line) => line.includes(machineId) && !line.endsWith('<defunct>'));
}

/** Digits are no letters of an id. */
function toMachineId(count: number): string {
  return `m-fctest${String.fromCharCode(...[...String(count).padStart(6, '0')].map((digit) => 97 + Number(digit)))}`;
}
