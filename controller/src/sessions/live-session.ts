import type { GuestStatus } from '#contract/guest';
import type { GuestQuality, Quality, ViewerQuality } from '#contract/quality';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import type { Mailbox } from '../signal/mailbox.ts';
import type { Bell } from '../signal/bell.ts';
import type { ConsoleTail } from './console-tail.ts';
import type { Gate } from './gate.ts';
import type { GuestLink } from './guest-link.ts';
import type { LiveMachine } from './live-machine.ts';
import type { UndoStack } from './undo.ts';

/** Samples of one end that count are this far apart. */
const SAMPLE_MS = 1_000;

/** A session that has, or is getting, a machine. From here on the two live and end together. Gone when everything is taken down. */
export class LiveSession {
  readonly id: string;
  readonly machine: LiveMachine;
  /** Whose it is, once that was asked for. */
  owner: string | undefined;
  #written: string | undefined;
  #quality: Quality | undefined;

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

  /** How its picture is, as both ends said last. */
  get quality(): Quality | undefined {
    return this.#quality;
  }

  /** Keeps a sample of one end; false, and nothing kept, when that end told a moment ago: one page must not speak for all. */
  tell(sample: { viewer: ViewerQuality } | { guest: GuestQuality }, now = Date.now()): boolean {
    const [end, value] = Object.entries(sample)[0] as ['viewer' | 'guest', ViewerQuality];
    const last = this.#quality?.[end]?.at;
    if (last !== undefined && Math.abs(now - Date.parse(last)) < SAMPLE_MS) return false;
    this.#quality = { ...this.#quality, [end]: { ...value, at: new Date(now).toISOString() } };
    return true;
  }

  /** Whether all of it that is kept is in the session's record: peers and input are not, and an agent tells of these often. */
  isWritten({ services, marks }: GuestStatus): boolean {
    return this.#written === JSON.stringify({ services, marks });
  }

  wrote({ services, marks }: GuestStatus): void {
    this.#written = JSON.stringify({ services, marks });
  }
}
