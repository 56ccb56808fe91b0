import type { SlotCounts } from '../../src/egress/control-protocol.ts';
import type { EgressPool } from '../../src/egress/pool.ts';
import type { WayAsked, WaysOut } from '../../src/egress/ways-out.ts';
import { within } from '../../src/host/within.ts';
import type { Machine, MachineDriver, MachineExit, MachineSpec } from '../../src/machines/driver.ts';
import type { Snapshots } from '../../src/machines/snapshots.ts';
import type { Slot } from '../../src/net/slot.ts';
import type { Machinery } from '../../src/sessions/machinery.ts';

export const IMAGE_ID = 'ab'.repeat(32);

/** A machine that is only a promise. */
export class FakeMachine implements Machine {
  readonly record;
  readonly exited: Promise<MachineExit>;
  exit: (exit: MachineExit) => void;
  readonly spec: MachineSpec;
  /** How it ended. */
  ended: MachineExit | undefined;

  constructor(spec: MachineSpec) {
    const { promise, resolve } = Promise.withResolvers<MachineExit>();
    this.spec = spec;
    this.record = { machineId: spec.machineId, runDir: spec.runDir, driver: 'container', pid: 4242, startTime: 1 };
    this.exited = promise;
    this.exit = (exit) => {
      this.ended ??= exit;
      resolve(exit);
    };
  }

  /** Set where the driver has snapshots. */
  snapshot?: (dir: string) => Promise<void>;

  async stop(): Promise<MachineExit> {
    this.exit({ reason: 'killed by SIGKILL', code: null });
    return this.exited;
  }
}

/** Machinery that writes down what was asked of it. A step named in `broken` rejects, one in `hanging` settles at its signal or at `release`, one in `deaf` at `release` alone. */
export class FakeMachinery implements Machinery {
  readonly calls: string[] = [];
  readonly broken = new Map<string, Error>();
  readonly hanging = new Set<string>();
  readonly deaf = new Set<string>();
  readonly machines: FakeMachine[] = [];
  console = '';
  readonly #held: (() => void)[] = [];
  #onLine: (line: string) => void = () => undefined;
  strayNetworks: number[] = [];

  snapshots?: Snapshots;
  readonly driver: MachineDriver = {
    name: 'container',
    isolation: 'shared-kernel',
    link: 'interface',
    pace: 1,
    check: async () => ({ ok: true, missing: [] }),
    start: async (spec, signal, network) => {
      await within(signal, network?.up ?? Promise.resolve());
      await this.step('start', signal);
      const machine = new FakeMachine(spec);
      if (this.snapshots) machine.snapshot = () => this.step(`snapshot ${spec.machineId}`);
      this.machines.push(machine);
      return machine;
    },
    toSnapshotKey: async ({ configArg }) => Buffer.from(configArg).toString('hex'),
    adopt: async ({ machineId }) => {
      await this.step(`adopt ${machineId}`);
      return this.#find(machineId, (machine) => machine.ended === undefined);
    },
    readExit: async ({ machineId }) => this.#find(machineId)?.ended ?? { reason: 'its shim did not say how', code: null },
    remove: async ({ machineId }) => this.step(`remove ${machineId}`),
  };

  /** Whose ways out there are, where a test has upstreams. */
  pool: EgressPool | undefined;
  /** What went through a slot. */
  counts: SlotCounts | undefined;
  /** What was asked for, slot by slot. */
  readonly asked: WayAsked[] = [];

  readonly egress: WaysOut = {
    open: (slot, asked) => {
      this.asked.push(asked);
      return this.step(`egress.open ${slot.index}`);
    },
    close: async (slot) => {
      await this.step(`egress.close ${slot.index}`);
      return this.counts;
    },
    find: (userId) => this.pool?.find(userId) ?? (() => undefined),
    outside: (userId) => this.pool?.outside(userId) ?? {},
    counts: () => this.counts,
    look: (users) => this.pool?.look(users),
  };

  findKernel = async () => {
    await this.step('kernel');
    return { id: IMAGE_ID, vmlinux: '/kernels/vmlinux', bzImage: '/kernels/bzImage' };
  };

  imageId = IMAGE_ID;

  findImage = async () => {
    await this.step('image');
    return { id: this.imageId, rootfs: '/images/rootfs.erofs' };
  };
  createCloneNetwork = (slot: Slot) => this.step(`network ${slot.index}`);
  removeCloneNetwork = (slot: Slot) => this.step(`network.remove ${slot.index}`);
  listCloneNetworks = async () => {
    await this.step('network.list');
    return this.strayNetworks;
  };
  openGuestListener = async (slot: Slot) => {
    await this.step(`listen ${slot.index}`);
    return () => this.step(`listen.close ${slot.index}`);
  };
  readConsole = async () => this.console;
  watchConsole = (_path: string, onLine: (line: string) => void) => void (this.#onLine = onLine);

  /** The machine writes a line on its console. */
  say(line: string): void {
    this.console += `${line}\n`;
    this.#onLine(line);
  }

  #find(machineId: string, fits: (machine: FakeMachine) => boolean = () => true): FakeMachine | undefined {
    return this.machines.find((machine) => machine.record.machineId === machineId && fits(machine));
  }

  /** Something is asked of it. */
  async step(name: string, signal?: AbortSignal): Promise<void> {
    this.calls.push(name);
    const word = name.split(' ')[0]!;
    const error = this.broken.get(word);
    if (error) throw error;
    const isDeaf = this.deaf.has(word);
    if (!this.hanging.has(word) && !isDeaf) return;
    await new Promise<void>((resolve, reject) => {
      this.#held.push(resolve);
      if (!isDeaf) signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  /** Lets all that hangs go on. */
  release(): void {
    this.hanging.clear();
    this.deaf.clear();
    for (const resolve of this.#held.splice(0)) resolve();
  }
}
