import type { HelloBody } from '#contract/guest';
import type { Log } from '../log.ts';
import { toReason } from '../log.ts';
import { createBackOff } from './back-off.ts';
import { EndpointRefused, type Endpoint } from './endpoint.ts';

/** The controller will never take this machine's token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/**
 * Swaps the one-time token, which every program here can read, for the agent's secret. Tries for ever while the controller is away.
 * Throws TokenRefused when it answers that it does not know the token.
 */
export async function sayHello(endpoint: Endpoint, token: string, body: HelloBody, signal: AbortSignal, log: Log): Promise<string> {
  const backOff = createBackOff(50);
  for (let tries = 0; ; tries++) {
    try {
      return toSecret(await endpoint.call({ method: 'POST', path: '/guest/hello', bearer: token, body, signal }));
    } catch (error) {
      if (isRefusal(error)) throw new TokenRefused(`hello: the controller refused this machine: ${toReason(error)}`);
      signal.throwIfAborted();
      if (tries === 0) log.warn({ reason: toReason(error) }, 'controller does not answer hello: it is asked until it does');
      await backOff.wait(signal);
    }
  }
}

/** What the controller will say again each time; "not found" and "too many requests" are no such things. */
function isRefusal(error: unknown): boolean {
  return error instanceof EndpointRefused && [400, 401, 403].includes(error.status);
}

function toSecret(reply: unknown): string {
  const secret = (reply as { secret?: unknown } | undefined)?.secret;
  if (typeof secret === 'string' && /^[A-Za-z0-9_-]{43}$/.test(secret)) return secret;
  throw new Error('reply to hello has no secret');
}
