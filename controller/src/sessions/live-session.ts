import { join } from 'node:path';
import type { GuestStatus } from '#contract/guest';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import { Bell } from '../signal/bell.ts';
import { Mailbox } from '../signal/mailbox.ts';
import { ConsoleTail } from './console-tail.ts';
import type { Gate } from './gate.ts';
import { GuestLink } from './guest-link.ts';
import { newMachineId, newSecret } from './ids.ts';
import { UndoStack } from './undo.ts';

/** A session that has, or is getting, a machine: what of it is only in memory. Gone when everything is taken down. */
export class LiveSession {
  readonly id: string;
  readonly slot: Slot;
  readonly log: Logger;
  readonly machineId = newMachineId();
  /** Good once, for the machine's config. */
  readonly guestToken = newSecret();
  readonly guest = new GuestLink(this.guestToken);
  /** Where its machine waits, when that is not told at the start who it is. */
  gate: Gate | undefined;
  readonly mailbox = new Mailbox((peerId) => this.#status.peers.some((peer) => peer.peerId === peerId && peer.state === 'closed'));
  /** Rings when anything of the session's record changes. */
  readonly changed = new Bell();
  /** The session's one lifetime: aborts when it reaches a final status. */
  readonly life = new AbortController();
  readonly undo: UndoStack;
  /** The last lines of the machine's console. */
  readonly console = new ConsoleTail();
  /** The machine's own directory, and its console's file in it. */
  readonly runDir: string;
  readonly consolePath: string;
  #written: string | undefined;
  #status: GuestStatus = { services: [], marks: {}, peers: [] };

  constructor(id: string, slot: Slot, dataDir: string, log: Logger) {
    this.id = id;
    this.slot = slot;
    this.runDir = join(dataDir, 'machines', this.machineId);
    this.consolePath = join(this.runDir, 'console.log');
    this.log = log.child({ session: id, machine: this.machineId });
    this.undo = new UndoStack(this.log);
  }

  /** What the agent said last. */
  get status(): GuestStatus {
    return this.#status;
  }

  setStatus(status: GuestStatus): void {
    this.#status = status;
  }

  /** Whether all of it that is kept is in the session's record: peers and input are not, and an agent tells of these often. */
  isWritten({ services, marks }: GuestStatus): boolean {
    return this.#written === JSON.stringify({ services, marks });
  }

  wrote({ services, marks }: GuestStatus): void {
    this.#written = JSON.stringify({ services, marks });
  }
}
