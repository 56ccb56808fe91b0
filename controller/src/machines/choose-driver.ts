import type { Logger } from 'pino';
import { isLoopback, type Config } from '../config.ts';
import type { DriverCheck, DriverName, MachineDriver } from './driver.ts';
import { createContainerDriver } from './drivers/container/driver.ts';
import { createFirecrackerDriver } from './drivers/firecracker/driver.ts';
import type { Accelerator } from './drivers/qemu/argv.ts';
import { createQemuDriver } from './drivers/qemu/driver.ts';
import { findImage } from './image.ts';
import { findKernel } from './kernel.ts';
import { probeKvm, type KvmVerdict } from './kvm.ts';

/** What this host lacks for the driver that is asked for, or for every one. */
export class HostUnfit extends Error {
  override readonly name = 'HostUnfit';
}

/** What is asked of the host, and what drivers are made with; a test gives its own. */
export interface DriverHost {
  judgeKvm(config: Config): Promise<KvmVerdict>;
  createDrivers(config: Config, log: Logger, accelerator?: Accelerator): Record<DriverName, MachineDriver>;
}

const HOST: DriverHost = { judgeKvm, createDrivers };

/**
 * The driver that was asked for, or the strongest that works here at full speed:
 *
 *   firecracker ─► qemu, both where KVM boots our kernel ─► container
 *
 * An emulated machine is strong, but slow: it has to be asked for. Throws HostUnfit, which says what is missing and how to get it.
 */
export async function chooseDriver(config: Config, log: Logger, host = HOST): Promise<MachineDriver> {
  const driver = config.driver === 'auto' ? await chooseStrongest(config, log, host) : await createNamed(config.driver, config, log, host);
  const { ok, missing } = await check(driver, config, host);
  if (!ok) throw new HostUnfit(`this host cannot run the ${driver.name} driver:\n${toList(missing)}`);
  warn(driver, log, config);
  return driver;
}

/** Every driver, whatever this host can do: what a controller before this one made with another can be taken down. */
export function createDrivers(config: Config, log: Logger, accelerator: Accelerator = 'tcg'): Record<DriverName, MachineDriver> {
  const { runDir, instance, kernelArgs, diskMib } = config;
  return {
    container: createContainerDriver({ runDir, instance, log }),
    qemu: createQemuDriver({ runDir, instance, log, kernelArgs, diskMib, accelerator }),
    firecracker: createFirecrackerDriver({ runDir, instance, log, kernelArgs, diskMib }),
  };
}

async function createNamed(name: DriverName, config: Config, log: Logger, host: DriverHost): Promise<MachineDriver> {
  if (name !== 'qemu') return host.createDrivers(config, log)[name];
  const { works } = await host.judgeKvm(config);
  return host.createDrivers(config, log, works ? 'kvm' : 'tcg')[name];
}

/** Whether KVM works, as far as it can be told: without a kernel and an image nothing can be tried. */
export async function judgeKvm({ runDir, kernelDir, imageDir, image }: Config): Promise<KvmVerdict> {
  try {
    return await probeKvm(runDir, await findKernel(kernelDir), await findImage(imageDir, image));
  } catch (error) {
    return { works: false, why: `it cannot be tried: ${(error as Error).message}` };
  }
}

async function chooseStrongest(config: Config, log: Logger, host: DriverHost): Promise<MachineDriver> {
  const kvm = await host.judgeKvm(config);
  if (!kvm.works) {
    log.info({ reason: kvm.why }, 'no virtual machines: KVM cannot be used');
    return host.createDrivers(config, log).container;
  }
  const { firecracker, qemu, container } = host.createDrivers(config, log, 'kvm');
  for (const driver of [firecracker, qemu]) {
    const { ok, missing } = await driver.check();
    if (ok) return driver;
    log.info({ driver: driver.name, missing }, 'KVM works, but the host lacks something for this driver');
  }
  log.warn('KVM works, but there is no program for virtual machines');
  return container;
}

async function check(driver: MachineDriver, config: Config, host: DriverHost): Promise<DriverCheck> {
  const missing = [...(await driver.check()).missing];
  if (driver.name === 'firecracker') missing.push(...(await findKvmProblem(config, host)));
  if (driver.isolation === 'shared-kernel') missing.push(...findExposure(config));
  return { ok: missing.length === 0, missing };
}

/** QEMU does without it. The verdict is kept: a host that was judged a moment ago is not judged anew. */
async function findKvmProblem(config: Config, host: DriverHost): Promise<string[]> {
  const { works, why } = await host.judgeKvm(config);
  return works
    ? []
    : [`KVM, without which Firecracker is nothing (${why}): switch virtualisation on, or ORIEL_DRIVER=qemu emulates it, slowly`];
}

/** A wall that is weaker than it looks is not shown to the world unless somebody said so. */
function findExposure(config: Config): string[] {
  const others = findOthers(config);
  if (!others || config.allowWeakIsolation) return [];
  return [
    `a wall: its desktops share the host's kernel, so it serves loopback only and ${others}; ORIEL_ALLOW_WEAK_ISOLATION=1 serves others all the same`,
  ];
}

/** Why others than this host's own programs are served; undefined when they are not. */
function findOthers({ bind, trustedProxies }: Config): string | undefined {
  if (!isLoopback(bind)) return `ORIEL_BIND is ${bind}`;
  return trustedProxies.length > 0 ? 'ORIEL_TRUSTED_PROXIES says that a proxy brings others' : undefined;
}

function warn({ name, isolation, pace, toSnapshotKey }: MachineDriver, log: Logger, { snapshots }: Config): void {
  if (isolation === 'shared-kernel')
    log.warn({ driver: name }, 'desktops share the kernel of this host: they are isolated less than by a virtual machine');
  if (pace > 1)
    log.warn(
      { driver: name },
      'processors are emulated, as KVM does not work here: a desktop takes a minute and shows a few frames a second',
    );
  if (snapshots && !toSnapshotKey) log.warn({ driver: name }, 'ORIEL_SNAPSHOTS=1 changes nothing: this driver has no snapshots');
}

function toList(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
