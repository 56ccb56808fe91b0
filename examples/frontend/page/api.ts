import { newOrielError, toOrielError } from '../../../controller/client/error.ts';
import type { Begun } from '../../../controller/client/react.ts';
import type { Provider } from '../../../controller/client/types.ts';

/* The product's own API. What Oriel refused the back end passes on, and it is the same error here. */

export type Account = { provider: string; files: { path: string; bytes: number }[] };

export const readProviders = () => ask<{ providers: Provider[] }>('GET', '/api/providers').then(({ providers }) => providers);
export const begin = (provider: string) => ask<Begun>('POST', '/api/sign-ins', { provider });
export const readAccount = (sessionId: string) => ask<Account>('GET', `/api/sign-ins/${encodeURIComponent(sessionId)}`);

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const sent = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const reply = await fetch(path, { method, ...sent }).catch((cause: unknown) => {
    throw newOrielError(0, 'unreachable', 'Workbench cannot be reached', { cause });
  });
  const said: unknown = await reply.json().catch(() => undefined);
  if (!reply.ok) throw toOrielError(reply.status, said, reply.headers.get('retry-after'));
  return said as T;
}
