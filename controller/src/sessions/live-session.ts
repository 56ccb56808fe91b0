import { join } from 'node:path';
import type { GuestStatus } from '#contract/guest';
import type { GuestQuality, Quality, ViewerQuality } from '#contract/quality';
import type { Logger } from 'pino';
import { toHash } from '../auth/hash.ts';
import type { Slot } from '../net/slot.ts';
import { Bell } from '../signal/bell.ts';
import { Mailbox } from '../signal/mailbox.ts';
import { ConsoleTail } from './console-tail.ts';
import type { Gate } from './gate.ts';
import { GuestLink, type GuestKeeper, type GuestKnown } from './guest-link.ts';
import { newMachineId, newSecret } from './ids.ts';
import { UndoStack } from './undo.ts';

/** A machine that a controller before this one started. */
export interface KnownMachine {
  machineId: string;
  runDir: string;
  guest: GuestKnown;
  /** What the agent said last. */
  status: GuestStatus;
}

export interface LiveOptions {
  /** A new machine when missing. */
  machine?: KnownMachine | undefined;
  /** Gets the machine's id. */
  toKeeper?: ((machineId: string) => GuestKeeper) | undefined;
}

/** Samples of one end that count are this far apart. */
const SAMPLE_MS = 1_000;

/** A session that has, or is getting, a machine: what of it is only in memory. Gone when everything is taken down. */
export class LiveSession {
  readonly id: string;
  readonly slot: Slot;
  readonly log: Logger;
  readonly machineId: string;
  /** Good once, for a new machine's config. */
  readonly guestToken = newSecret();
  readonly guest: GuestLink;
  /** Where its machine waits, when that is not told at the start who it is. */
  gate: Gate | undefined;
  readonly mailbox = new Mailbox((peerId) => this.#status.peers.some((peer) => peer.peerId === peerId && peer.state === 'closed'));
  /** Rings when anything of the session's record changes. */
  readonly changed = new Bell();
  /** The session's one lifetime: aborts when it reaches a final status. */
  readonly life = new AbortController();
  /** Aborts when this controller lets go of it: it goes on without, until another one takes it up. */
  readonly hold = new AbortController();
  readonly undo: UndoStack;
  /** The last lines of the machine's console. */
  readonly console = new ConsoleTail();
  /** The machine's own directory, and its console's file in it. */
  readonly runDir: string;
  readonly consolePath: string;
  #written: string | undefined;
  #status: GuestStatus;
  #quality: Quality | undefined;

  constructor(id: string, slot: Slot, dataDir: string, log: Logger, { machine, toKeeper }: LiveOptions = {}) {
    this.id = id;
    this.slot = slot;
    this.machineId = machine?.machineId ?? newMachineId();
    this.guest = new GuestLink(machine?.guest ?? { tokenHash: this.tokenHash }, toKeeper?.(this.machineId));
    this.#status = machine?.status ?? { services: [], marks: {}, peers: [] };
    this.runDir = machine?.runDir ?? join(dataDir, 'machines', this.machineId);
    this.consolePath = join(this.runDir, 'console.log');
    this.log = log.child({ session: id, machine: this.machineId });
    this.undo = new UndoStack(this.log);
  }

  /** sha256 of a new machine's token, hex. */
  get tokenHash(): string {
    return toHash(this.guestToken);
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

  /** Whether all of it that is kept is in the session's record: peers and input are not, and an agent tells of these often. */
  isWritten({ services, marks }: GuestStatus): boolean {
    return this.#written === JSON.stringify({ services, marks });
  }

  wrote({ services, marks }: GuestStatus): void {
    this.#written = JSON.stringify({ services, marks });
  }
}
