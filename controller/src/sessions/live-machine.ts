import { join } from 'node:path';
import type { GuestStatus } from '#contract/guest';
import type { Logger } from 'pino';
import { toHash } from '../auth/hash.ts';
import type { Slot } from '../net/slot.ts';
import { Bell } from '../signal/bell.ts';
import { Mailbox } from '../signal/mailbox.ts';
import { Screenshots } from '../signal/screenshots.ts';
import { ConsoleTail } from './console-tail.ts';
import type { SessionFailure } from './errors.ts';
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
  /** Booted ahead of its session. */
  isWarm?: boolean;
}

export interface LiveOptions {
  /** A new machine when missing. */
  machine?: KnownMachine | undefined;
  /** Gets the machine's id. */
  toKeeper?: ((machineId: string) => GuestKeeper) | undefined;
  /** Longest time of one step of taking it down, ms. */
  takeDownMs?: number | undefined;
}

/** Between two polls of an agent that lives there are some ms; one that was restarted is back within a second. */
const HEARD_MS = 5_000;

/** A machine that there is, or is to be: what of it is only in memory. It is a session's, or in the pool until one claims it. */
export class LiveMachine {
  readonly slot: Slot;
  readonly machineId: string;
  /** Good once, for a new machine's config. */
  readonly guestToken = newSecret();
  readonly guest: GuestLink;
  /** Where it waits, when that is not told at the start who it is. */
  gate: Gate | undefined;
  /** Between its agent, which may listen before there is a session, and the session's viewers. */
  readonly mailbox = new Mailbox((peerId) => this.#status.peers.some((peer) => peer.peerId === peerId && peer.state === 'closed'));
  readonly screenshots = new Screenshots(this.mailbox);
  /** Rings when anything of it, or of its session's record, changes. */
  readonly changed = new Bell();
  /** Its one lifetime, and its session's: aborts when it is to be taken down, with the reason. */
  readonly life = new AbortController();
  /** Aborts when this controller lets go of it: it goes on without, until another one takes it up. */
  readonly hold = new AbortController();
  readonly undo: UndoStack;
  /** The last lines of its console. */
  readonly console = new ConsoleTail();
  /** Its own directory, and its console's file in it. */
  readonly runDir: string;
  readonly consolePath: string;
  /** Booted ahead of its session. */
  readonly isWarm: boolean;
  /** It says that it cannot go on, or has ended by itself: told to whose it is. */
  onFailure: (failure: SessionFailure) => void = (failure) => this.life.abort(failure);
  log: Logger;
  #sessionId: string | undefined;
  #status: GuestStatus;
  #polls = 0;
  #heardAt = -Infinity;

  constructor(
    slot: Slot,
    dataDir: string,
    log: Logger,
    { machine, toKeeper, takeDownMs }: LiveOptions = {},
    isWarm = machine?.isWarm ?? false,
  ) {
    this.slot = slot;
    this.machineId = machine?.machineId ?? newMachineId();
    this.guest = new GuestLink(machine?.guest ?? { tokenHash: this.tokenHash }, toKeeper?.(this.machineId));
    this.#status = machine?.status ?? NOTHING_SAID;
    this.runDir = machine?.runDir ?? join(dataDir, 'machines', this.machineId);
    this.consolePath = join(this.runDir, 'console.log');
    this.isWarm = isWarm;
    this.log = log.child({ machine: this.machineId });
    this.undo = new UndoStack(this.log, takeDownMs);
  }

  /** The session that it is of; of none while it is in the pool. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** From now on it is this session's, for good. */
  giveTo(sessionId: string): void {
    this.#sessionId = sessionId;
    this.log = this.log.child({ session: sessionId });
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
    this.#heardAt = performance.now();
  }

  /** The agent waits for signals; call what this gives when it does not any more. */
  listens(): () => void {
    this.#polls++;
    return () => {
      this.#polls--;
      this.#heardAt = performance.now();
    };
  }

  /** The agent is there: it waits for signals, or did so just now. */
  get isHeard(): boolean {
    return this.#polls > 0 || performance.now() - this.#heardAt < HEARD_MS;
  }
}

const NOTHING_SAID: GuestStatus = { services: [], marks: {}, peers: [] };
