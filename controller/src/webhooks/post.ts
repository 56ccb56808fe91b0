import { Webhook } from 'standardwebhooks';

/** Why a receiver has not taken an event. `isFinal`: it never will. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isFinal = isFinal;
  }
}

export interface Message {
  /** The same at every try: by it a receiver knows what it has had. */
  id: string;
  payload: string;
}

export type Post = (url: string, message: Message, signal: AbortSignal) => Promise<void>;

/** Of these two a receiver says itself that they pass: it was busy, or is being asked too often. */
const PASSING = [408, 429];
export const POST_LIMIT_MS = 15_000;

/**
 * Posts an event with the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`. Throws DeliveryFailed. Redirects
 * are not followed: a receiver that has moved is told of by the one who configures it, not by whoever answers there.
 */
export function poster(secrets: readonly string[], limitMs = POST_LIMIT_MS): Post {
  const signers = secrets.map((secret) => new Webhook(secret));
  return async (url, { id, payload }, signal) => {
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Oriel',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signers.map((signer) => signer.sign(id, now, payload)).join(' '),
    };
    const limit = AbortSignal.timeout(limitMs);
    const init = { method: 'POST', headers, body: payload, redirect: 'manual', signal: AbortSignal.any([signal, limit]) } as const;
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new DeliveryFailed(limit.aborted ? `no answer within ${limitMs / 1000} s` : toWords(cause), false, { cause });
    });
    // Whatever it says, it is not read.
    await response.body?.cancel();
    if (!response.ok) throw new DeliveryFailed(`the receiver answered ${response.status}`, isFinal(response.status));
  };
}

function isFinal(status: number): boolean {
  return status >= 300 && status < 500 && !PASSING.includes(status);
}

/** fetch says only that it failed; its cause says how. */
function toWords(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}
