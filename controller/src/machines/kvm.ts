import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createAjv } from '#contract/ajv';
import { Type, type Static } from '#contract/schema';
import { findCommand } from '../host/find-command.ts';
import { COMMAND_ENV } from '../host/run.ts';
import type { MachineImage, MachineKernel } from './driver.ts';
import { exists } from './host-check.ts';
import type { Vmm } from './vm/kernel-line.ts';

/** Whether KVM can be used here, and how we know. */
export interface KvmVerdict {
  works: boolean;
  /** In words, for an operator. */
  why: string;
}

const Kept = Type.Object({ key: Type.String(), works: Type.Boolean(), why: Type.String() });
const isKept = createAjv().compile<Static<typeof Kept>>(Kept);

const PROBE_MS = 5_000;
/** init's first line: kernel, image and its hash tree all work then. */
const FIRST_LINE = /init: [\d.]+ s up: overlay over the image/;

/** What the probe asks of the host; a test gives its own. */
export interface KvmHost {
  hasDevice(): Promise<boolean>;
  readBootId(): Promise<string>;
  /** Which one the probe is made with: a host that has Firecracker need not have QEMU. */
  findVmm(): Promise<Vmm>;
  /** Boots once, its files in `dir`. Rejects when it could not even be tried: that says nothing about KVM. */
  boot(kernel: MachineKernel, image: MachineImage, dir: string): Promise<KvmVerdict>;
}

const HOST: KvmHost = { hasDevice: () => exists('/dev/kvm'), readBootId, findVmm, boot };

/**
 * Whether KVM boots our own kernel to init's first line within 5 s: on some hosts /dev/kvm is there and no kernel boots. The answer is
 * kept in `dir` until the host boots again, or another kernel or image is asked about. Rejects when it cannot be tried.
 */
export async function probeKvm(dir: string, kernel: MachineKernel, image: MachineImage, host = HOST): Promise<KvmVerdict> {
  if (!(await host.hasDevice()))
    return { works: false, why: '/dev/kvm is missing: the processor or the hypervisor below offers no virtualisation' };
  if (image.rootArgs === undefined) throw new Error(`image ${image.id} has no hash tree: just build-image`);
  const path = join(dir, 'kvm.json');
  const key = [await host.readBootId(), await host.findVmm(), kernel.id, image.id].join(' ');
  const kept = await readKept(path);
  if (kept?.key === key) return { works: kept.works, why: kept.why };
  await mkdir(dir, { recursive: true });
  const verdict = await host.boot(kernel, image, dir);
  await writeFile(`${path}.${process.pid}`, JSON.stringify({ key, ...verdict }));
  await rename(`${path}.${process.pid}`, path);
  return verdict;
}

async function findVmm(): Promise<Vmm> {
  return (await findCommand('firecracker')) ? 'firecracker' : 'qemu';
}

async function boot(kernel: MachineKernel, image: MachineImage, dir: string): Promise<KvmVerdict> {
  return bootOnce((await findVmm()) === 'qemu' ? planProbe(kernel, image) : await planFirecrackerProbe(dir, kernel, image));
}

async function bootOnce([command, ...args]: string[]): Promise<KvmVerdict> {
  const child = spawn(command!, args, { env: COMMAND_ENV, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const limit = setTimeout(() => child.kill('SIGKILL'), PROBE_MS);
  let last = '';
  try {
    await once(child, 'spawn');
    child.stderr.setEncoding('utf8').on('data', (text: string) => (last = text.trim() || last));
    for await (const line of createInterface({ input: child.stdout })) {
      last = line.trim() || last;
      if (FIRST_LINE.test(line)) return { works: true, why: 'our kernel boots with it' };
    }
    const said = last === '' ? 'it said nothing' : `the last that it said: ${last.slice(0, 200)}`;
    return { works: false, why: `/dev/kvm is there, but our kernel does not reach init within ${PROBE_MS / 1000} s with it (${said})` };
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
    await closed.catch(() => undefined);
  }
}

export function planProbe(kernel: MachineKernel, image: MachineImage): string[] {
  return [
    'qemu-system-x86_64',
    ...['-M', 'microvm,acpi=on,rtc=on,isa-serial=on,pcie=off,usb=off', '-accel', 'kvm', '-cpu', 'host', '-m', '512'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
    ...['-global', 'virtio-mmio.force-legacy=false', '-kernel', kernel.bzImage, '-append', toProbeLine(image, 'reboot=t')],
    ...[
      '-drive',
      `id=root,file=${image.rootfs},format=raw,if=none,readonly=on,file.locking=off`,
      '-device',
      'virtio-blk-device,drive=root',
    ],
  ];
}

async function planFirecrackerProbe(dir: string, kernel: MachineKernel, image: MachineImage): Promise<string[]> {
  const path = join(dir, 'kvm-probe.json');
  await writeFile(path, JSON.stringify(toFirecrackerProbe(kernel, image)));
  return ['firecracker', '--no-api', '--config-file', path];
}

/** The same machine in the words of Firecracker's API. */
export function toFirecrackerProbe(kernel: MachineKernel, image: MachineImage) {
  return {
    'machine-config': { vcpu_count: 1, mem_size_mib: 512 },
    'boot-source': { kernel_image_path: kernel.vmlinux, boot_args: toProbeLine(image, 'reboot=k') },
    drives: [{ drive_id: 'rootfs', path_on_host: image.rootfs, is_root_device: false, is_read_only: true }],
  };
}

function toProbeLine(image: MachineImage, reboot: string): string {
  return `console=ttyS0 loglevel=4 panic=-1 ${reboot} random.trust_cpu=on ${image.rootArgs} init=/usr/sbin/oriel-init`;
}

async function readKept(path: string) {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    const value: unknown = JSON.parse(text);
    return isKept(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
