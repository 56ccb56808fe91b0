import type { GuestStatus } from '#contract/guest';
import type { Log } from '../log.ts';
import { toReason } from '../log.ts';
import { createBackOff } from './back-off.ts';
import { EndpointRefused, type Endpoint } from './endpoint.ts';

/** Changes that come in a bunch are told together. */
const GATHER_MS = 30;

export interface OutboxOptions {
  endpoint: Endpoint;
  secret: string;
  getStatus(): GuestStatus;
  signal: AbortSignal;
  log: Log;
}

/** What the guest tells the controller of its own accord. */
export class Outbox {
  readonly #options: OutboxOptions;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;
  #changed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** The status is sent soon, always the newest, until the controller has taken it. */
  tellStatus(): void {
    this.#changed = true;
    if (!this.#sending) this.#timer ??= setTimeout(() => void this.#sendStatus(), GATHER_MS);
  }

  /** Posts once, and once more when the controller did not answer: what is late here is of no use. Never throws. */
  async post(path: '/guest/answer' | '/guest/candidates' | '/guest/refusal', body: unknown): Promise<void> {
    const { endpoint, secret, signal, log } = this.#options;
    const call = () => endpoint.call({ method: 'POST', path, bearer: secret, body, signal });
    try {
      await call().catch((error: unknown) => (error instanceof EndpointRefused ? Promise.reject(error) : call()));
    } catch (error) {
      log.warn({ path, reason: toReason(error) }, 'controller did not take it');
    }
  }

  async #sendStatus(): Promise<void> {
    const { endpoint, secret, getStatus, signal, log } = this.#options;
    const backOff = createBackOff();
    this.#timer = undefined;
    this.#sending = true;
    while (this.#changed && !signal.aborted) {
      this.#changed = false;
      try {
        await endpoint.call({ method: 'POST', path: '/guest/status', bearer: secret, body: getStatus(), signal });
      } catch (error) {
        if (error instanceof EndpointRefused && error.status !== 401 && error.status !== 429) {
          log.error({ reason: toReason(error) }, 'controller refused the status');
          break;
        }
        this.#changed = true;
        await backOff.wait(signal);
      }
    }
    this.#sending = false;
  }
}
