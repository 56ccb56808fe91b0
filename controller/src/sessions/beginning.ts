import { mkdir, rm } from 'node:fs/promises';
import { toGateArg, toKernelArg } from '#contract/kernel-line';
import type { MachineConfig } from '#contract/machine-config';
import type { Machine, MachineDriver, MachineSpec, NetworkProgress } from '../machines/driver.ts';
import type { Snapshots } from '../machines/snapshots.ts';
import { until } from '../signal/bell.ts';
import { Gate } from './gate.ts';
import type { LiveMachine } from './live-machine.ts';

/** A machine's spec, but for how it learns who it is. */
export type Body = Omit<MachineSpec, 'configArg' | 'snapshot'>;

/** The longest that a machine stands still to be written down; it goes on after that as if nobody had tried. */
const SAVE_MS = 20_000;

/**
 * How a session's machine begins.
 *
 *   snapshots off                  the config is on its kernel line, and it boots
 *   nobody has written one down    boots to the gate ─► is written down ─► is told who it is
 *   somebody has                   goes on from there, at the gate       ─► is told who it is
 */
export class Beginning {
  readonly #live: LiveMachine;
  readonly #config: MachineConfig;
  readonly #driver: MachineDriver;
  readonly #snapshots: Snapshots | undefined;
  #key: string | undefined;
  #machine: Machine | undefined;

  constructor(live: LiveMachine, config: MachineConfig, driver: MachineDriver, snapshots: Snapshots | undefined) {
    this.#live = live;
    this.#config = config;
    this.#driver = driver;
    this.#snapshots = snapshots;
  }

  /** Starts the machine, from a snapshot where there is one. Throws MachineStartFailed. */
  async start(body: Body, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
    const driver = this.#driver;
    if (!this.#snapshots || !driver.toSnapshotKey) return driver.start({ ...body, configArg: toKernelArg(this.#config) }, signal, network);
    this.#live.gate = new Gate();
    const spec = { ...body, configArg: toGateArg(this.#config.display) };
    this.#key = await driver.toSnapshotKey(spec);
    this.#machine = (await this.#copy(spec, this.#snapshots, signal, network)) ?? (await driver.start(spec, signal, network));
    return this.#machine;
  }

  /** When the machine is at the gate: writes it down, unless that was done, and tells it who it is. */
  async wake(signal: AbortSignal): Promise<void> {
    const { gate, log, life } = this.#live;
    if (!gate) return;
    const isThere = await until(gate.bell, () => gate.isAsked || undefined, signal);
    // Copies of one that does not wake would all be like this.
    if (!isThere) return life.signal.aborted ? undefined : this.#snapshots!.discard(this.#key!);
    await this.#save(signal).catch((err: unknown) => log.warn({ err }, 'no snapshot was taken'));
    gate.open(this.#config);
  }

  async #copy(spec: MachineSpec, snapshots: Snapshots, signal: AbortSignal, network?: NetworkProgress): Promise<Machine | undefined> {
    const snapshot = await snapshots.find(this.#key!);
    if (!snapshot) return undefined;
    try {
      return await this.#driver.start({ ...spec, snapshot }, signal, network);
    } catch (err) {
      signal.throwIfAborted();
      this.#live.log.warn({ err }, 'a snapshot is of no use and was thrown away; the machine boots');
      await snapshots.discard(this.#key!);
      await rm(spec.runDir, { recursive: true, force: true });
      await mkdir(spec.runDir, { mode: 0o700 });
      return undefined;
    }
  }

  async #save(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SAVE_MS)]);
    const started = performance.now();
    const isTaken = await this.#snapshots!.keep(this.#key!, (dir) => this.#machine!.snapshot!(dir, limit));
    if (isTaken) this.#live.log.info({ ms: Math.round(performance.now() - started) }, 'snapshot taken');
  }
}
