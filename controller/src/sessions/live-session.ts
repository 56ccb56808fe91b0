import { join } from 'node:path';
import type { GuestStatus } from '#contract/guest';
import type { GuestQuality, Quality, ViewerQuality } from '#contract/quality';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import { Bell } from '../signal/bell.ts';
import { Mailbox } from '../signal/mailbox.ts';
import { ConsoleTail } from './console-tail.ts';
import type { Gate } from './gate.ts';
import { GuestLink } from './guest-link.ts';
import { newMachineId, newSecret } from './ids.ts';
import { UndoStack } from './undo.ts';

/** Samples of one end that count are this far apart. */
const SAMPLE_MS = 1_000;

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
  #status: GuestStatus = { services: [], marks: {}, peers: [] };
  #quality: Quality | undefined;

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
}
