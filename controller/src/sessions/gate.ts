import { randomBytes } from 'node:crypto';
import { WAKE_ENTROPY_BYTES } from '#contract/guest';
import { toGateConfig } from '#contract/kernel-line';
import type { MachineConfig } from '#contract/machine-config';
import { Bell } from '../signal/bell.ts';
import { unauthorized } from './guest-link.ts';

/** Where a machine waits that does not know yet who it is: a copy of another, or one that others will be copies of. */
export class Gate {
  readonly bell = new Bell();
  #isAsked = false;
  #config: MachineConfig | undefined;
  #isTold = false;

  /** Whether the machine is there; `bell` rings. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** From now on a machine that asks is told. */
  open(config: MachineConfig): void {
    this.#config = config;
  }

  /** What a machine that asks is told, once; undefined as long as the gate is closed. Throws Refusal. */
  ask(): string | undefined {
    if (this.#isTold) throw unauthorized();
    this.#isAsked = true;
    this.bell.ring();
    if (!this.#config) return undefined;
    this.#isTold = true;
    const seconds = (Date.now() / 1000).toFixed(3);
    return `${seconds} ${toGateConfig(this.#config)} ${randomBytes(WAKE_ENTROPY_BYTES).toString('base64')}\n`;
  }
}
