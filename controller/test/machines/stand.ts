import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { takeCensus } from '#test/census';
import { findLeftOver } from '#test/left-over';
import { run } from '../../src/host/run.ts';
import { readConsole } from '../../src/machines/console.ts';
import type { Machine, MachineDriver, MachineExit, MachineImage, MachineKernel, MachineSpec } from '../../src/machines/driver.ts';
import type { VmDriverOptions } from '../../src/machines/vm/context.ts';
import { findKernel } from '../../src/machines/kernel.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { toSlot, type Slot } from '../../src/net/slot.ts';
import { newMachineId } from '../../src/sessions/ids.ts';
import { makeTinyImage, toConfigArg } from './tiny-image.ts';

export interface Standing {
  machine: Machine;
  spec: MachineSpec;
  stop(): Promise<MachineExit>;
}

export const DISK_MIB = 64;
/** What a machine may have unless a test says otherwise. Its directory is on a disk of so many MiB, or (0) on the host's. */
export const LIMITS = { memoryMib: 256, cpus: 1, pids: 256, consoleBytes: 128 * 1024, roomMib: 0 };
const SLOTS = 2;

/** Machines of the tiny image side by side, as a controller has them on its host, with a driver alone: two at a time. */
export class Stand {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-stand-'));
  readonly driver: MachineDriver;
  readonly #instance: string;
  readonly #free: Slot[];
  readonly #stops = new Set<Standing['stop']>();
  #image!: MachineImage;
  #kernel: MachineKernel | undefined;
  #before: string[] = [];

  constructor(instance: string, createDriver: (options: VmDriverOptions) => MachineDriver) {
    const log = pino({ level: 'silent' });
    this.#instance = instance;
    this.driver = createDriver({ runDir: join(this.dir, 'run'), instance, kernelArgs: [], diskMib: DISK_MIB, log });
    this.#free = Array.from({ length: SLOTS }, (_, index) => toSlot(instance, index));
  }

  async open(): Promise<void> {
    await chmod(this.dir, 0o755);
    this.#before = takeCensus();
    this.#image = await makeTinyImage(this.dir);
    if (this.driver.link === 'tap') this.#kernel = await findKernel(process.env.ORIEL_KERNEL_DIR || '/var/lib/oriel/kernels');
    for (const slot of this.#free) await createCloneNetwork(slot, { guestPorts: [], link: this.driver.link });
  }

  /** Starts a machine that runs this shell script. */
  async start(script: string, limits: Partial<typeof LIMITS> = {}): Promise<Standing> {
    const slot = this.#free.pop()!;
    const { roomMib, ...rest } = { ...LIMITS, ...limits };
    const spec = await this.#toSpec(script, slot, rest);
    if (roomMib > 0) {
      await run(['mount', '-t', 'tmpfs', '-o', `size=${roomMib}m,mode=700`, 'tmpfs', spec.runDir]);
      // What it says then is to be read.
      spec.console.path = `${spec.runDir}.log`;
    }
    const machine = await this.driver.start(spec, new AbortController().signal);
    const stop = async () => {
      this.#stops.delete(stop);
      const exit = await machine.stop(0);
      if (roomMib > 0) await run(['umount', spec.runDir]);
      this.#free.push(slot);
      return exit;
    };
    this.#stops.add(stop);
    return { machine, spec, stop };
  }

  /** Takes all down; gives what is there that was not there before. */
  async close(): Promise<string[]> {
    for (const stop of this.#stops) await stop();
    await this.driver.close?.();
    for (let index = 0; index < SLOTS; index += 1) await removeCloneNetwork(toSlot(this.#instance, index));
    rmSync(this.dir, { recursive: true, force: true });
    return findLeftOver(this.#before, { instance: this.#instance, dir: this.dir });
  }

  async #toSpec(script: string, slot: Slot, { consoleBytes, ...limits }: Omit<typeof LIMITS, 'roomMib'>): Promise<MachineSpec> {
    const machineId = newMachineId();
    const runDir = join(this.dir, 'machines', machineId);
    await mkdir(join(this.dir, 'machines'), { recursive: true, mode: 0o755 });
    await mkdir(runDir, { mode: 0o700 });
    return {
      machineId,
      runDir,
      image: this.#image,
      kernel: this.#kernel,
      configArg: toConfigArg(script),
      hostname: 'desktop',
      netns: `/run/netns/${slot.guestNetns}`,
      hostUser: slot.hostUser,
      limits,
      diskMib: DISK_MIB,
      console: { path: join(runDir, 'console.log'), maxBytes: consoleBytes },
    };
  }
}

/** Waits for a text on a machine's console. */
export async function untilConsole({ spec }: Standing, pattern: RegExp, timeoutMs: number): Promise<void> {
  for (const until = Date.now() + timeoutMs; !pattern.test(await readConsole(spec.console.path)); await sleep(50))
    if (Date.now() > until) throw new Error(`${pattern} is not on the console: ${await readConsole(spec.console.path)}`);
}
