import { ProviderList } from '#contract/provider';
import { Type } from '#contract/schema';
import { HeartbeatBody, Session, SessionStarted, StartBody } from '#contract/session';
import { CredentialsReply } from '#contract/sign-in';
import { keyOf, principalOf } from '../auth/guard.ts';
import { toOwnKey, toWho } from '../auth/principal.ts';
import { toInfo } from '../credentials/providers.ts';
import { NothingToRestore } from '../sessions/errors.ts';
import { restartLogin } from '../sessions/restart-login.ts';
import { sendEvents, toEventStream } from './event-stream.ts';
import { goneSignal } from './gone.ts';
import { listing, starting, watching } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { errors, EventStreamReply, Nothing, ServicesReply, SessionParams, SessionQuery } from './schemas.ts';
import { toViewer } from './viewers.ts';

const IdempotencyHeaders = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 128 })) });

export function sessionRoutes(app: RouteApp, deps: RouteDeps): void {
  const { config, sessions, audit, viewers, publicUrl, metrics, providers, vault } = deps;
  const tags = ['sessions'];
  const provider = Type.Enum(providers.map(({ id }) => id));

  app.get(
    '/api/providers',
    {
      config: { access: { scope: 'start', viewer: 'view' }, rateLimit: listing },
      schema: { tags, summary: 'What one can start a session for', response: { 200: ProviderList, ...errors } },
    },
    async () => ({ providers: providers.map(toInfo) }),
  );

  app.post(
    '/api/auth/start',
    {
      config: { access: { scope: 'start' }, rateLimit: starting(config.startsPerMinute) },
      schema: {
        tags,
        summary: 'Start a session; the machine comes up behind the reply',
        body: Type.Object({ ...StartBody.properties, provider }, { additionalProperties: false }),
        headers: IdempotencyHeaders,
        response: { 200: SessionStarted, ...errors },
      },
    },
    async (request) => {
      const key = keyOf(request);
      const { userId, provider, restore } = request.body;
      if (restore && !vault.hasFor({ owner: key.owner, userId, provider })) throw new NothingToRestore(userId, provider);
      const idempotencyKey = toOwnKey(key, request.headers['idempotency-key']);
      const { sessionId, status } = await sessions.startDurably(request.body, { owner: key.owner, idempotencyKey });
      audit.append({ who: toWho(key), action: 'start', sessionId });
      return { sessionId, status, viewer: toViewer(await viewers.issue(sessionId, 'control', toWho(key)), publicUrl()) };
    },
  );

  app.get(
    '/api/auth/session/:id',
    {
      config: { access: { scope: 'read', viewer: 'view' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'The session; with `wait` and `since` as soon as it differs',
        params: SessionParams,
        querystring: SessionQuery,
        response: { 200: Session, ...errors },
      },
    },
    async ({ params: { id }, query: { since, wait } }, reply) =>
      wait === undefined ? sessions.read(id) : sessions.wait(id, since, wait * 1000, goneSignal(reply)),
  );

  app.get(
    '/api/auth/session/:id/events',
    {
      config: { access: { scope: 'read', viewer: 'view' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Each version of the session as a server-sent event, to the final one',
        params: SessionParams,
        response: { 200: EventStreamReply, ...errors },
      },
    },
    async ({ params }, reply) => {
      sessions.read(params.id);
      return sendEvents(reply, toEventStream(sessions.versions(params.id, goneSignal(reply))));
    },
  );

  app.post(
    '/api/auth/session/:id/heartbeat',
    {
      config: { access: { scope: 'control', viewer: 'view' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Say that a page shows it, and how it looks there',
        params: SessionParams,
        body: HeartbeatBody,
        response: { 204: Nothing, ...errors },
      },
      // The body may be left out.
      preValidation: async (request) => void (request.body ??= {}),
    },
    async ({ params, body: { quality } }, reply) => {
      if (sessions.heartbeat(params.id, quality)) metrics.quality.viewer(quality!);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/auth/session/:id',
    {
      config: { access: { scope: 'control', viewer: 'control' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'End it; the reply comes when everything is taken down',
        params: SessionParams,
        response: { 204: Nothing, ...errors },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const who = toWho(principalOf(request));
      audit.append({ who, action: 'stop', sessionId: id });
      await sessions.stop(id, who, { code: 'stopped_by_request', message: 'it was ended on request' });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/auth/session/:id/login/restart',
    {
      config: { access: { scope: 'control', viewer: 'control' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Begin the tool’s login again, in a new terminal',
        params: SessionParams,
        response: { 204: Nothing, ...errors },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await restartLogin(deps.toAuthDoor(sessions.ready(id)));
      audit.append({ who: toWho(principalOf(request)), action: 'restart login', sessionId: id });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/auth/session/:id/credentials',
    {
      config: { access: { scope: 'credentials' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'What the sign-in gave: files as the tool wrote them',
        params: SessionParams,
        response: { 200: CredentialsReply, ...errors },
      },
    },
    async (request) => {
      const { sessionId } = sessions.read(request.params.id);
      // Whoever may ask and finds nothing is written down, too.
      audit.append({ who: toWho(principalOf(request)), action: 'credentials read', sessionId });
      return vault.read(sessionId);
    },
  );

  app.get(
    '/api/auth/session/:id/services',
    {
      config: { access: { scope: 'read', viewer: 'view' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Services of the machine, with reasons',
        params: SessionParams,
        response: { 200: ServicesReply, ...errors },
      },
    },
    async ({ params }) => sessions.services(params.id),
  );
}
