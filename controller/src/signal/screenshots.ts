import { randomBytes } from 'node:crypto';
import type { Region } from '#contract/screenshot';
import { Refusal } from '../refusal.ts';
import { Bell, untilAtMost } from './bell.ts';
import type { Mailbox } from './mailbox.ts';

/** At a time, of one machine: each is some megabytes of the controller's memory. */
export const PENDING_MAX = 2;
const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Pictures of one machine's screen that somebody waits for. The guest is handed the wish as a signal, and posts the picture. */
export class Screenshots {
  readonly #mailbox: Mailbox;
  readonly #bell = new Bell();
  /** By id: what came of it. */
  readonly #pending = new Map<string, Buffer | Refusal | undefined>();

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
  }

  /** PNG of the desktop, or of a part of it. Undefined after `ms` or when a signal aborts. Throws Refusal. */
  async take(region: Region | undefined, ms: number, ...signals: AbortSignal[]): Promise<Buffer | undefined> {
    if (this.#pending.size >= PENDING_MAX)
      throw new Refusal(429, 'too_many_requests', `${PENDING_MAX} screenshots of this desktop are being taken already`, {
        retryAfterSeconds: 1,
      });
    const id = randomBytes(16).toString('base64url');
    this.#pending.set(id, undefined);
    const withdraw = this.#mailbox.tell({ kind: 'screenshot', id, ...(region && { region }) });
    try {
      const outcome = await untilAtMost(ms, this.#bell, () => this.#pending.get(id), ...signals);
      if (outcome instanceof Refusal) throw outcome;
      return outcome;
    } finally {
      withdraw();
      this.#pending.delete(id);
    }
  }

  /** False when nobody waits for it (any more). Throws Refusal for what is no PNG. */
  keep(id: string, png: Buffer): boolean {
    if (!png.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) throw new Refusal(400, 'invalid_request', 'the body is no PNG');
    return this.#settle(id, png);
  }

  /** The same. */
  refuse(id: string, reason: string): boolean {
    return this.#settle(id, new Refusal(422, 'screenshot_refused', `there is no such screenshot: ${reason}`));
  }

  #settle(id: string, outcome: Buffer | Refusal): boolean {
    if (!this.#pending.has(id)) return false;
    this.#pending.set(id, outcome);
    this.#bell.ring();
    return true;
  }
}
