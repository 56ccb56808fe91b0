import { join } from 'node:path';
import type { Config } from '../config.ts';
import { readBootTime } from '../host/boot-time.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { toSlot } from '../net/slot.ts';
import type { MachineRow } from '../store/machines.ts';
import { toAgeMs } from './age.ts';
import { admit, findShortage, NO_SLOT, type DoorDeps } from './admit.ts';
import { toRefusal } from './admission.ts';
import { bringUp, type BringUpDeps } from './bring-up.ts';
import { claim } from './claim.ts';
import { toGuestKeeper, toKnownMachine } from './guest-keeper.ts';
import type { LastWords } from './last-words.ts';
import type { Ledger, Reason } from './ledger.ts';
import { LiveMachine, type KnownMachine } from './live-machine.ts';
import { LiveSession } from './live-session.ts';
import type { Lives } from './lives.ts';
import { MachineSlots } from './machine-slots.ts';
import { createMachineLedger, type MachineLedger } from './machine-states.ts';
import { removeStrayDirectories } from './recover.ts';
import { resume, type ResumeActs } from './resume.ts';
import { NEEDED_MIB } from './room.ts';
import type { SessionsDeps } from './sessions.ts';
import { STEP_LIMITS } from './step-limits.ts';
import { takeUp, type Found } from './take-up.ts';
import { keepWarm, readWarmKey, warmUp } from './warm-machine.ts';
import { WARM_RHYTHM, WarmPool, type WarmCounts } from './warm-pool.ts';

/** What a session is told of, and kept in. */
export interface SupplyParts {
  ledger: Ledger;
  lastWords: LastWords;
  lives: Lives;
}

/** How often a session is begun again whose controller ended while it came up. */
const RESTARTS_MAX = 3;
const RESTARTED: Reason = { code: 'controller_restarted', message: 'the controller was restarted: it begins again' };

/** Where sessions have their machines from: the warm pool, a new one, or one that a controller before this one started. */
export class Supply {
  readonly #deps: SessionsDeps;
  readonly #parts: SupplyParts;
  readonly #machines: MachineLedger;
  readonly #slots = new MachineSlots();
  readonly #door: DoorDeps;
  readonly #pool: WarmPool;
  /** When the last session was begun. */
  #begunAt = -Infinity;

  constructor(deps: SessionsDeps, parts: SupplyParts) {
    const { config, store, log, readHostRoom, observer } = deps;
    this.#deps = deps;
    this.#parts = parts;
    this.#machines = createMachineLedger(store.machines, log);
    const readHeld = () => parts.lives.size + this.#slots.foreign + this.#pool.size;
    this.#door = { config, slots: this.#slots, readHeld, readHostRoom, onRefused: observer?.refused };
    this.#pool = this.#createPool();
  }

  /** The machine in a slot, of a session or of none yet. */
  inSlot(index: number): LiveMachine | undefined {
    return this.#slots.find(index);
  }

  /** Nothing of it is left. */
  removed(machine: LiveMachine): void {
    this.#slots.remove(machine);
  }

  /** Machines of the warm pool, by state. */
  get warm(): WarmCounts {
    return this.#pool.counts;
  }

  /** How long there has been a session of this id, ms. */
  readAge(id: string): number {
    const birth = this.#deps.store.sessions.readBirth(id) ?? this.#parts.ledger.read(id);
    return toAgeMs(birth, this.#readBootTime());
  }

  /** Whether there is one for one more session, or room for one. Throws HostFull. */
  admit(): void {
    if (!this.#pool.hasReady) admit(this.#door, this.#pool);
  }

  /** Takes down what no session has. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Leaves it to the next controller. */
  leave(limitMs: number): Promise<void> {
    return this.#pool.leave(limitMs);
  }

  /** Goes on with what a controller before this one left. Resolves when all guests that live are listened to, and what is left over is gone. */
  async resume(): Promise<void> {
    const { store, machinery, config, log, drivers = { [machinery.driver.name]: machinery.driver } } = this.#deps;
    const acts: ResumeActs = {
      adopt: (row, found) => this.#adopt(row, found, drivers[row.driver]!),
      keepWarm: (row, found) => this.#keepWarm(row, found, drivers[row.driver]!),
      again: (id) => this.begin(id),
      mayBeginAgain: (id) => this.#mayBeginAgain(id),
      fail: (id, reason) => void this.#parts.lastWords.end(id, 'failed', 'controller', reason),
      keepOut: (slot) => this.#slots.keepOut(slot),
    };
    const left = removeStrayDirectories(join(config.dataDir, 'machines'), { store, log });
    await left.catch((err: unknown) => log.error({ err }, 'directories cannot be listed: none is removed'));
    await resume({ store, machinery, drivers, instance: config.instance, log, stepLimits: this.#deps.stepLimits }, acts);
    this.#pool.start();
  }

  /** Brings a session up, which is written down: on a machine of the pool when one is ready, else on one of its own. */
  begin(id: string): void {
    this.#begunAt = performance.now();
    const warm = this.#pool.take();
    if (!warm) return this.#beginCold(id);
    const live = new LiveSession(id, warm);
    this.#parts.lives.enter(live, () => claim(live, this.#toDeps()));
  }

  #readBootTime() {
    return (this.#deps.readBootTime ?? readBootTime)();
  }

  #beginCold(id: string): void {
    const slotIndex = this.#slots.free;
    if (slotIndex === undefined)
      return void this.#parts.lastWords.end(id, 'failed', 'controller', toRefusal(NO_SLOT, this.#door.readHeld()));
    const live = new LiveSession(id, this.#toMachine(slotIndex));
    this.#parts.lives.enter(live, () => bringUp(live, this.#toDeps()));
  }

  #mayBeginAgain(id: string): boolean {
    if (this.#parts.ledger.read(id).status !== 'pending') this.#parts.ledger.move(id, 'pending', 'controller', RESTARTED);
    return this.#parts.ledger.beginAgain(id) <= RESTARTS_MAX;
  }

  #adopt(row: MachineRow, found: Found, driver: MachineDriver): Promise<void> {
    const { sessionId: id, slot, endsAt } = row as MachineRow & { sessionId: string };
    const session = this.#parts.ledger.read(id);
    const live = new LiveSession(id, this.#toMachine(slot, toKnownMachine(row, session, this.#deps.sealer)));
    const served = Promise.withResolvers<void>();
    const deps = this.#toDeps(driver);
    const longestMs = endsAt === undefined ? undefined : Date.parse(endsAt) - Date.parse(session.createdAt);
    const gone = this.#parts.lives.enter(live, () => takeUp(live, found, deps, served.resolve), longestMs);
    live.log.info({ pid: found.machine.record.pid, isGone: found.isGone }, 'session taken up');
    return Promise.race([served.promise, gone]);
  }

  /** Keeps what a controller before this one had booted ahead. */
  #keepWarm(row: MachineRow, found: Found, driver: MachineDriver): Promise<void> {
    const machine = this.#toMachine(row.slot, toKnownMachine(row, { services: [], marks: {} }, this.#deps.sealer));
    const served = Promise.withResolvers<void>();
    const act = () => keepWarm(machine, found, this.#toDeps(driver), served.resolve);
    this.#pool.adopt(machine, row.warmKey ?? '', toAgeMs(row, this.#readBootTime()), () => act().finally(served.resolve));
    return served.promise;
  }

  #createPool(): WarmPool {
    const { config, machinery, log, observer, readFreeMib, findDrain, warmRhythm: rhythm = WARM_RHYTHM } = this.#deps;
    const { size, maxAgeMs } = config.warm;
    return new WarmPool({
      ...{ size, maxAgeMs, rhythm, log, observer: observer?.warm, againMs: this.#deps.stepLimits?.again },
      readKey: () => readWarmKey(machinery, config),
      hasRoom: () =>
        this.#parts.lives.comingUp === 0 &&
        performance.now() - this.#begunAt > rhythm.rest &&
        (readFreeMib?.() ?? Infinity) >= NEEDED_MIB &&
        findShortage(this.#door) === undefined,
      isDrained: () => findDrain?.() !== undefined,
      newMachine: () => (this.#slots.free === undefined ? undefined : this.#toMachine(this.#slots.free, undefined, true)),
      boot: (machine, key) => warmUp(machine, key, this.#toDeps()),
      onGone: (machine) => this.#slots.remove(machine),
    });
  }

  /** A machine with its slot. */
  #toMachine(slotIndex: number, known?: KnownMachine, isWarm?: boolean): LiveMachine {
    const { config, log, sealer, store, stepLimits: { takeDown: takeDownMs } = STEP_LIMITS } = this.#deps;
    const toKeeper = (machineId: string) => toGuestKeeper(machineId, this.#machines, store.machines, sealer);
    const slot = toSlot(config.instance, slotIndex);
    return this.#slots.add(new LiveMachine(slot, config.dataDir, log, { machine: known, toKeeper, takeDownMs }, isWarm));
  }

  #toDeps(driver = this.#deps.machinery.driver): BringUpDeps & { config: Config } {
    const { config, store, stepLimits = STEP_LIMITS } = this.#deps;
    const machinery = driver === this.#deps.machinery.driver ? this.#deps.machinery : { ...this.#deps.machinery, driver };
    const clocks = { readAge: (id: string) => this.readAge(id), readBootTime: () => this.#readBootTime() };
    return { config, store, machinery, ledger: this.#parts.ledger, machines: this.#machines, stepLimits, ...clocks };
  }
}
