import type { SignalsReply } from '#contract/guest';
import type { GuestSignal } from '#contract/signal';
import type { Log } from '../log.ts';
import { toReason } from '../log.ts';
import { createBackOff } from './back-off.ts';
import type { Endpoint } from './endpoint.ts';

/** Of a controller that does not name a wait, seconds. */
const WAIT_S = 25;
/** What a reply may be late, seconds. */
const PATIENCE_S = 10;

export interface SignalsOptions {
  endpoint: Endpoint;
  secret: string;
  /** Called in the order in which the signals came; must not throw. */
  onSignal(signal: GuestSignal): void;
  /** The controller is there again, perhaps another one, which knows nothing of what was told before. */
  onBack(): void;
  signal: AbortSignal;
  log: Log;
}

/** Asks for signals for as long as the agent lives. That the controller is away (it restarts, it is replaced) is nothing special. */
export async function followSignals({ endpoint, secret, onSignal, onBack, signal, log }: SignalsOptions): Promise<void> {
  const backOff = createBackOff();
  let cursor = 0;
  let away = false;
  // One that is new, or was away, says at once that it is there, and how long to wait.
  let wait = 0;
  while (!signal.aborted) {
    try {
      const path = `/guest/signals?after=${cursor}&wait=${wait}`;
      const timeoutMs = (wait + PATIENCE_S) * 1000;
      const reply = toReply(await endpoint.call({ method: 'GET', path, bearer: secret, timeoutMs, signal }));
      ({ cursor, wait } = reply);
      if (away) {
        log.info('controller is back');
        onBack();
      }
      away = false;
      backOff.reset();
      reply.signals.forEach(onSignal);
    } catch (error) {
      if (signal.aborted) return;
      if (!away) log.warn({ reason: toReason(error) }, 'controller is away');
      away = true;
      wait = 0;
      await backOff.wait(signal);
    }
  }
}

/** The controller is trusted; another release of it may send kinds that this one does not know, and they pass by. */
function toReply(value: unknown): Required<SignalsReply> {
  const { cursor, signals, wait = WAIT_S } = (value ?? {}) as Partial<SignalsReply>;
  if (!Number.isInteger(cursor) || !Array.isArray(signals) || !Number.isFinite(wait)) throw new Error('reply to signals has another shape');
  return { cursor: cursor!, signals, wait };
}
