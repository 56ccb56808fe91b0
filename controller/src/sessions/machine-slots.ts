import { setMaxListeners } from 'node:events';
import type { LiveMachine } from './live-machine.ts';
import { pickSlot } from './slots.ts';

/** Which machine is in which slot: each request of each guest asks. */
export class MachineSlots {
  readonly #machines = new Map<number, LiveMachine>();
  /** Another's machine may be in these. */
  readonly #foreign = new Set<number>();

  /** The lowest that is free; undefined when none is. */
  get free(): number | undefined {
    return pickSlot([...this.#machines.keys(), ...this.#foreign]);
  }

  /** How many are another's. */
  get foreign(): number {
    return this.#foreign.size;
  }

  add(machine: LiveMachine): LiveMachine {
    this.#machines.set(machine.slot.index, machine);
    // Each wait of each viewer listens to it.
    setMaxListeners(0, machine.life.signal);
    return machine;
  }

  /** Nothing of it is left. */
  remove({ slot }: LiveMachine): void {
    this.#machines.delete(slot.index);
  }

  keepOut(slot: number): void {
    this.#foreign.add(slot);
  }

  /** The one that lives in it. */
  find(slot: number): LiveMachine | undefined {
    const machine = this.#machines.get(slot);
    return machine?.life.signal.aborted ? undefined : machine;
  }
}
