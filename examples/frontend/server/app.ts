import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { OrielError, type OrielClient } from '../../../controller/client/index.ts';
import { Accounts } from './accounts.ts';
import { toPolicy } from './policy.ts';

export type AppDeps = {
  oriel: OrielClient;
  /** Where pages reach the controller. */
  orielUrl: string;
  /** Those that this product offers; undefined: all. */
  providers?: readonly string[] | undefined;
  /** What build.ts made. */
  pageDir: string;
};

/** The product's back end: it knows its users and has the API key, and neither the key nor what a sign-in gave ever leaves it. */
export async function buildApp({ oriel, orielUrl, providers, pageDir }: AppDeps): Promise<FastifyInstance> {
  const app = fastify();
  const accounts = new Accounts(oriel);
  const page = (await readFile(join(pageDir, 'index.html'), 'utf8')).replaceAll('{{oriel}}', orielUrl);
  await app.register(fastifyStatic, { root: pageDir, prefix: '/assets/', index: false });

  app.addHook('onRequest', async (_request, reply) => void reply.headers({ 'content-security-policy': toPolicy(orielUrl), ...HEADERS }));
  // What Oriel has refused the page is told in Oriel's words; of our own mistakes it learns nothing.
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof OrielError)) return reply.send(error);
    const { status, code, message, retryAfterSeconds } = error;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    return reply.code(status || 502).send({ error: { code, message } });
  });

  app.get('/', async (request, reply) => {
    // Stands for the product's own log-in.
    const user = readUser(request) ?? randomUUID();
    return reply.header('set-cookie', `user=${user}; Path=/; HttpOnly; SameSite=Strict`).type('text/html; charset=utf-8').send(page);
  });

  const isOffered = (id: string) => providers === undefined || providers.includes(id);
  app.get('/api/providers', async () => ({
    providers: (await oriel.providers()).filter(({ id, hasLogin }) => hasLogin && isOffered(id)),
  }));

  app.post<{ Body: { provider: string } }>('/api/sign-ins', { schema: { body: START } }, async (request, reply) => {
    const user = readUser(request);
    if (!user || request.headers['sec-fetch-site'] === 'cross-site') return reply.code(403).send(LOG_IN);
    // Of what Oriel answers the page needs these two.
    const { sessionId, viewer } = await accounts.signIn(user, request.body.provider);
    return { sessionId, viewer: { token: viewer.token } };
  });

  app.get<{ Params: { id: string } }>('/api/sign-ins/:id', async (request, reply) => {
    const kept = await accounts.read(readUser(request), request.params.id);
    return kept ?? reply.code(404).send({ error: { code: 'session_not_found', message: 'You have no such sign-in' } });
  });

  app.addHook('onClose', async () => accounts.close());
  return app;
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };
const START = {
  type: 'object',
  required: ['provider'],
  additionalProperties: false,
  properties: { provider: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,31}$' } },
};
const LOG_IN = { error: { code: 'unauthorized', message: 'Log in first' } };

function readUser({ headers }: FastifyRequest): string | undefined {
  return /(?:^|; )user=([0-9a-f-]{36})(?:;|$)/.exec(headers.cookie ?? '')?.[1];
}
