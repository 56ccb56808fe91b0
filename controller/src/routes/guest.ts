import { GuestAnswer, GuestCandidates, GuestRefusal, GuestStatus, HelloBody, HelloReply, SignalsReply } from '#contract/guest';
import type { FastifyRequest } from 'fastify';
import { Type } from '#contract/schema';
import { at } from '../fault-point.ts';
import { toBearer } from '../auth/principal.ts';
import { unauthorized } from '../sessions/guest-link.ts';
import type { Meters } from '../metrics/metrics.ts';
import type { LiveMachine } from '../sessions/live-machine.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignIns } from '../sessions/sign-ins.ts';
import { untilAtMost } from '../signal/bell.ts';
import { toNextWait } from '../signal/next-wait.ts';
import { checkSdp } from '../signal/offer.ts';
import { rewriteAnswer, rewriteCandidates, toReach } from '../signal/reach.ts';
import { toErrorReply } from './api-error.ts';
import { goneSignal } from './gone.ts';
import { guestScreenshotRoutes } from './guest-screenshots.ts';
import { guestSignInRoutes } from './guest-sign-in.ts';
import type { RouteApp } from './route-app.ts';
import { errors, GuestQuery, Nothing } from './schemas.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The machine that asks. */
    live: LiveMachine | null;
  }
}

export interface GuestDeps {
  sessions: Sessions;
  signIns: SignIns;
  publicAddresses: readonly string[];
  metrics: Meters;
  /** The slot of the listener that a request came in on. */
  slotOf: (request: FastifyRequest) => number | undefined;
}

/** A guest that has no secret yet. */
const WITHOUT_SECRET = ['/guest/wake', '/guest/hello'];

/** The guest endpoint. A clone is known by the listener that it came in on, and by its token. */
export function guestRoutes(app: RouteApp, { sessions, signIns, publicAddresses, metrics, slotOf }: GuestDeps): void {
  app.decorateRequest('live', null);
  app.addHook('onRequest', async (request) => {
    const slot = slotOf(request);
    const live = slot === undefined ? undefined : sessions.inSlot(slot);
    if (!live) throw unauthorized();
    if (!request.is404 && !WITHOUT_SECRET.includes(request.routeOptions.url ?? ''))
      live.guest.check(toBearer(request.headers.authorization) ?? '');
    request.live = live;
  });

  app.post('/guest/wake', { schema: { response: { 200: Type.String(), 204: Nothing, ...errors } } }, async (request, reply) => {
    const { gate, log } = liveOf(request);
    if (!gate) throw unauthorized();
    const told = gate.ask();
    if (told === undefined) return reply.code(204).send(null);
    log.info('guest was told who it is');
    return reply.type('text/plain').send(told);
  });

  app.post('/guest/hello', { schema: { body: HelloBody, response: { 200: HelloReply, ...errors } } }, async (request) => {
    const live = liveOf(request);
    try {
      const reply = live.guest.hello(toBearer(request.headers.authorization) ?? '', live.machineId, request.body);
      metrics.guests.hello('ok');
      live.log.info({ protocol: request.body.protocol }, 'guest said hello');
      at('hello accepted');
      return reply;
    } catch (error) {
      metrics.guests.hello(toErrorReply(error).body.error.code);
      throw error;
    }
  });

  app.get('/guest/signals', { schema: { querystring: GuestQuery, response: { 200: SignalsReply, ...errors } } }, async (request, reply) => {
    const { after, wait = 0 } = request.query;
    const live = liveOf(request);
    const { mailbox, life } = live;
    const stops = live.listens();
    const read = () => nonEmpty(mailbox.signals(after));
    const found = await untilAtMost(wait * 1000, mailbox.forGuest, read, life.signal, goneSignal(reply)).finally(stops);
    return { ...(found ?? { cursor: after, signals: [] }), wait: toNextWait(live) };
  });

  app.post('/guest/answer', { schema: { body: GuestAnswer, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    const { mailbox, slot, log } = liveOf(request);
    checkSdp(request.body.answer.sdp);
    metrics.signalling.answered(mailbox.sinceOffer(request.body));
    const isOfUse = mailbox.postAnswer(rewriteAnswer(request.body, toReach(slot, publicAddresses)));
    if (!isOfUse) log.debug({ peer: request.body.peerId }, 'answer came too late');
    return reply.code(204).send(null);
  });

  app.post('/guest/refusal', { schema: { body: GuestRefusal, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    const { mailbox, log } = liveOf(request);
    const { peerId: peer, reason } = request.body;
    metrics.signalling.refused();
    if (mailbox.postRefusal(request.body)) log.warn({ peer, reason }, 'guest refused an offer');
    return reply.code(204).send(null);
  });

  app.post('/guest/candidates', { schema: { body: GuestCandidates, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    const { mailbox, slot } = liveOf(request);
    mailbox.postGuestCandidates({
      ...request.body,
      candidates: rewriteCandidates(request.body.candidates, toReach(slot, publicAddresses)),
    });
    return reply.code(204).send(null);
  });

  app.post('/guest/status', { schema: { body: GuestStatus, response: { 204: Nothing, ...errors } } }, async (request, reply) => {
    const live = liveOf(request);
    const before = live.status.refused;
    sessions.report(live, request.body);
    metrics.guests.refused(before, request.body.refused);
    if (request.body.stream) metrics.quality.guest(request.body.stream);
    return reply.code(204).send(null);
  });

  guestSignInRoutes(app, signIns);
  void app.register(async (scope) => guestScreenshotRoutes(scope as RouteApp));
}

/** The machine that asks. */
export function liveOf(request: FastifyRequest): LiveMachine {
  if (!request.live) throw unauthorized();
  return request.live;
}

function nonEmpty(reply: SignalsReply): SignalsReply | undefined {
  return reply.signals.length > 0 ? reply : undefined;
}
