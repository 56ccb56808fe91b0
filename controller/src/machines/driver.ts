/** What a machine is made from: plain data, the same for every driver. */
export interface MachineSpec {
  machineId: string;
  /** Directory of this machine alone, made by the caller (mode 0700), removed by the caller after `remove`. */
  runDir: string;
  image: MachineImage;
  /** Only virtual machines boot one. */
  kernel?: MachineKernel | undefined;
  /** `oriel.config=…`, or `oriel.gate=…` of a machine that is a copy, or is to be copied: see #contract/kernel-line. */
  configArg: string;
  /** It goes on from here instead of booting. Made by this driver from a spec with the same key. */
  snapshot?: MachineSnapshot | undefined;
  hostname: string;
  /** Path of the guest's network namespace, e.g. /run/netns/oriel-g0: with `eth0`, or with `tap0`, as the driver's `link` asks for. */
  netns: string;
  /** User and group id on the host of what runs for this machine alone: a VMM. The tap is this user's. */
  hostUser: number;
  limits: { memoryMib: number; cpus: number; pids: number };
  /** Most that the machine can write over the image. */
  diskMib: number;
  /** The machine's shim ends it after this many seconds, whoever else is there; never when missing. */
  lifetimeS?: number | undefined;
  /** The console's file (bounded: the oldest is dropped) and its most bytes. */
  console: { path: string; maxBytes: number };
}

/** A machine as it was at one moment, in files of its driver's own, which no machine that begins from it changes. */
export interface MachineSnapshot {
  dir: string;
}

export interface MachineImage {
  /** sha256 of rootfs.erofs, lower-case hex: the image's name. */
  id: string;
  /** Absolute path of the EROFS file, with the hash tree of its blocks behind them. */
  rootfs: string;
  /** Words of the kernel line that make it the root, each block checked; missing for an image without a hash tree. */
  rootArgs?: string;
}

export interface MachineKernel {
  /** sha256 of vmlinux, lower-case hex. */
  id: string;
  /** Absolute paths of the ELF, and of the compressed form. */
  vmlinux: string;
  bzImage: string;
}

/** What is written to the database before and kept while it lives: enough to find the machine again, or to take it down. */
export interface MachineRecord {
  machineId: string;
  driver: string;
  runDir: string;
  /** Of the machine's first process (the container's PID 1, or the VMM), as the host sees it. */
  pid: number;
  /** Clock ticks after boot, field 22 of /proc/pid/stat: with the pid it names one process for ever. */
  startTime: number;
}

export interface MachineExit {
  /** In words: `exited with code 0`, `killed by SIGKILL`, `panic: …`. */
  reason: string;
  code: number | null;
  /** Its lifetime was over. */
  isTooOld?: boolean;
}

export interface Machine {
  record: MachineRecord;
  /** Settles once, when the machine is gone by itself or by `stop`. Never rejects. */
  exited: Promise<MachineExit>;
  /** Asks it to end, waits at most `graceMs`, then kills it. Resolves when no process of it is left. Can be called again. */
  stop(graceMs: number): Promise<MachineExit>;
  /** Writes what it is now into an empty directory; it stands still meanwhile, and goes on. Missing where the driver has no snapshots. */
  snapshot?(dir: string, signal: AbortSignal): Promise<void>;
}

/**
 * How a machine is connected in its network namespace: by `eth0` itself, which has its address and route, or by `tap0`,
 * bridged to it, where the guest sets both.
 */
export type MachineLink = 'interface' | 'tap';

/** How far the network of a machine that starts is; there already when nothing is said. */
export interface NetworkProgress {
  /** The namespace is there, and the tap in it: a VMM can start. They lead nowhere yet. */
  made: Promise<void>;
  /** All is connected, behind the wall: the guest may run. */
  up: Promise<void>;
}

export interface DriverCheck {
  ok: boolean;
  /** What is missing on this host and how to get it; empty when ok. */
  missing: string[];
}

export type DriverName = 'container' | 'qemu' | 'firecracker';

export interface MachineDriver {
  name: DriverName;
  isolation: 'shared-kernel' | 'virtual-machine';
  link: MachineLink;
  /** How many times longer than elsewhere a boot may take: an emulated processor is slow. */
  pace: number;
  check(): Promise<DriverCheck>;
  /** Does ahead what the first start with this image would otherwise wait for (checking and mounting it). */
  prepare?(image: MachineImage, signal?: AbortSignal): Promise<void>;
  /**
   * Starts a machine, as far as it can while its network is still being made. Until it resolves, `signal` undoes everything. Throws
   * MachineStartFailed with nothing left behind.
   */
  start(spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine>;
  /**
   * Name (hex) of what a snapshot on this host depends on: where two specs have the same, a machine of one can begin as a copy of a
   * machine of the other. Missing where the driver has no snapshots.
   */
  toSnapshotKey?(spec: MachineSpec): Promise<string>;
  /** A machine that a controller before this one started; undefined when its process cannot be proven to be the recorded one. */
  adopt?(record: MachineRecord): Promise<Machine | undefined>;
  /** How a recorded machine ended that cannot be adopted, as its shim has kept it. */
  readExit?(record: MachineRecord): Promise<MachineExit>;
  /** Takes down what is left of a machine that no live object stands for (after a crash). Never throws for what is already gone. */
  remove(record: Pick<MachineRecord, 'machineId' | 'runDir'> & Partial<MachineRecord>): Promise<void>;
  /** Lets go of what the host holds for all machines together (image mounts, empty groups). Machines that run go on. */
  close?(): Promise<void>;
}

export class MachineStartFailed extends Error {
  override readonly name = 'MachineStartFailed';
  readonly code = 'machine_start_failed';
}
