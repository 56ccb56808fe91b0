import { Type } from '#contract/schema';
import { Credentials, SignInNews } from '#contract/sign-in';
import type { SignIns } from '../sessions/sign-ins.ts';
import { untilAtMost } from '../signal/bell.ts';
import { goneSignal } from './gone.ts';
import { liveOf } from './guest.ts';
import type { RouteApp } from './route-app.ts';
import { errors, Nothing, WaitQuery } from './schemas.ts';

/** The guest endpoint's part that is about signing in: see contract/sign-in.ts. */
export function guestSignInRoutes(app: RouteApp, signIns: SignIns): void {
  // Text of ours: of a provider's JSON Schemas no serializer knows the shape.
  app.get(
    '/guest/job',
    { schema: { querystring: WaitQuery, response: { 200: Type.String(), 204: Nothing, ...errors } } },
    async (request, reply) => {
      const live = liveOf(request);
      const waitMs = (request.query.wait ?? 0) * 1000;
      const job = await untilAtMost(waitMs, live.changed, () => signIns.jobOf(live), live.life.signal, goneSignal(reply));
      return job ? reply.type('application/json').send(JSON.stringify(job)) : reply.code(204).send(null);
    },
  );

  app.get('/guest/credentials', { schema: { response: { 200: Credentials, ...errors } } }, async (request) =>
    signIns.restoredFor(liveOf(request)),
  );

  app.post('/guest/sign-in', { schema: { body: SignInNews, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    signIns.hear(liveOf(request), request.body);
    return reply.code(204).send(null);
  });

  app.post('/guest/credentials', { schema: { body: Credentials, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    signIns.keep(liveOf(request), request.body);
    return reply.code(204).send(null);
  });

  const Empty = Type.Object({}, { additionalProperties: false });
  app.post('/guest/wiped', { schema: { body: Empty, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    const live = liveOf(request);
    // The guest's way to us ends with its session.
    reply.raw.once('finish', () => signIns.wiped(live));
    return reply.code(204).send(null);
  });
}
