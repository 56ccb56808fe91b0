import type { Credentials, SignInNews } from '#contract/sign-in';
import { createBackOff } from '../agent/controller/back-off.ts';
import { EndpointRefused, type Call, type Endpoint } from '../agent/controller/endpoint.ts';
import { toReason, type Log } from '../agent/log.ts';

/** The controller, as a sign-in sees it. Each call is made until it is answered: a controller that is away comes back. */
export interface SignInDoor {
  /** Undefined when there are none. */
  restored(): Promise<Credentials | undefined>;
  tell(news: SignInNews): Promise<void>;
  /** Resolves when they are kept. Throws EndpointRefused when they never will be. */
  send(credentials: Credentials): Promise<void>;
  wiped(): Promise<void>;
}

export function createDoor(endpoint: Endpoint, secret: string, signal: AbortSignal, log: Log): SignInDoor {
  const call = (method: Call['method'], path: string, body?: unknown) =>
    untilAnswered(() => endpoint.call({ method, path, bearer: secret, ...(body !== undefined && { body }), signal }), signal, log);
  const orNothing = (error: unknown) => {
    // That the session is over by now is nothing that anybody here could change.
    if (!(error instanceof EndpointRefused)) throw error;
    return undefined;
  };
  return {
    restored: () => call('GET', '/guest/credentials').catch(orNothing) as Promise<Credentials | undefined>,
    tell: (news) => call('POST', '/guest/sign-in', news).then(() => undefined, orNothing),
    send: (credentials) => call('POST', '/guest/credentials', credentials).then(() => undefined),
    wiped: () => call('POST', '/guest/wiped', {}).then(() => undefined, orNothing),
  };
}

async function untilAnswered(call: () => Promise<unknown>, signal: AbortSignal, log: Log): Promise<unknown> {
  const backOff = createBackOff();
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || (error instanceof EndpointRefused && error.status !== 429)) throw error;
      if (tries === 0) log.warn({ reason: toReason(error) }, 'controller is away');
      await backOff.wait(signal);
    }
  }
}
