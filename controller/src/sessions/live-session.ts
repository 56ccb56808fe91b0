import type { GuestStatus } from '#contract/guest';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import type { Mailbox } from '../signal/mailbox.ts';
import type { Bell } from '../signal/bell.ts';
import type { ConsoleTail } from './console-tail.ts';
import type { Gate } from './gate.ts';
import type { GuestLink } from './guest-link.ts';
import type { LiveMachine } from './live-machine.ts';
import type { UndoStack } from './undo.ts';

/** A session that has, or is getting, a machine. From here on the two live and end together. Gone when everything is taken down. */
export class LiveSession {
  readonly id: string;
  readonly machine: LiveMachine;

  constructor(id: string, machine: LiveMachine) {
    this.id = id;
    this.machine = machine;
    machine.giveTo(id);
  }

  get machineId(): string {
    return this.machine.machineId;
  }

  get slot(): Slot {
    return this.machine.slot;
  }

  get guest(): GuestLink {
    return this.machine.guest;
  }

  get gate(): Gate | undefined {
    return this.machine.gate;
  }

  get mailbox(): Mailbox {
    return this.machine.mailbox;
  }

  /** Rings when anything of the session's record changes. */
  get changed(): Bell {
    return this.machine.changed;
  }

  /** The session's one lifetime: aborts when it reaches a final status. */
  get life(): AbortController {
    return this.machine.life;
  }

  get undo(): UndoStack {
    return this.machine.undo;
  }

  get console(): ConsoleTail {
    return this.machine.console;
  }

  get runDir(): string {
    return this.machine.runDir;
  }

  get consolePath(): string {
    return this.machine.consolePath;
  }

  get log(): Logger {
    return this.machine.log;
  }

  get status(): GuestStatus {
    return this.machine.status;
  }
}
