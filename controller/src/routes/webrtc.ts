import { Answer, CandidatesBody, CandidatesReply, OfferAccepted, OfferBody } from '#contract/signal';
import { IceServers } from '#contract/session';
import { principalOf } from '../auth/guard.ts';
import { toRole, toViewerId } from '../auth/principal.ts';
import { Refusal } from '../refusal.ts';
import { untilAtMost } from '../signal/bell.ts';
import { cleanCandidates, cleanOffer } from '../signal/offer.ts';
import { goneSignal } from './gone.ts';
import { listing, signalling } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { ByeQuery, errors, Nothing, SessionParams, SignalQuery } from './schemas.ts';

export function webrtcRoutes(
  app: RouteApp,
  { config: { ice, clipboard, control, audio }, sessions, metrics, iceServers }: RouteDeps,
): void {
  const tags = ['webrtc'];
  const config = { access: { scope: 'control', viewer: 'view' }, rateLimit: signalling } as const;

  app.get(
    '/api/webrtc/ice-servers',
    {
      config: { access: { scope: 'read', viewer: 'view' }, rateLimit: listing },
      schema: {
        tags,
        summary: 'Servers for the browser’s ICE; TURN, with a credential of its own, for a viewer',
        response: { 200: IceServers, ...errors },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      if (principal.kind === 'key') return iceServers.of(undefined);
      // Of a session that is over there is nothing to see, and so nothing to relay.
      if (ice.turnUrls.length > 0) sessions.live(principal.sessionId);
      return iceServers.of(principal.peerId);
    },
  );

  app.post(
    '/api/webrtc/session/:id/offer',
    {
      config,
      schema: {
        tags,
        summary: 'Offer; takes the place of the page’s last',
        params: SessionParams,
        body: OfferBody,
        response: { 200: OfferAccepted, ...errors },
      },
    },
    async (request) => {
      const { mailbox } = sessions.live(request.params.id);
      const principal = principalOf(request);
      const may = { role: toRole(principal), clipboard, control, audio };
      const accepted = mailbox.postOffer(toViewerId(principal), cleanOffer(request.body), may);
      metrics.signalling.offered();
      return accepted;
    },
  );

  app.get(
    '/api/webrtc/session/:id/offer',
    { config, schema: { tags, summary: 'The viewer’s own last offer', params: SessionParams, response: { 200: OfferBody, ...errors } } },
    async (request) => sessions.live(request.params.id).mailbox.offer(toViewerId(principalOf(request))),
  );

  app.delete(
    '/api/webrtc/session/:id/offer',
    {
      config,
      schema: {
        tags,
        summary: 'Goodbye: the page does not want the connection any more',
        params: SessionParams,
        querystring: ByeQuery,
        response: { 204: Nothing, ...errors },
      },
    },
    async (request, reply) => {
      sessions.find(request.params.id)?.mailbox.bye(toViewerId(principalOf(request)), request.query.offerId);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/webrtc/session/:id/answer',
    {
      config,
      schema: {
        tags,
        summary: 'The guest’s answer; 404 `answer_pending` while there is none',
        params: SessionParams,
        querystring: SignalQuery,
        response: { 200: Answer, ...errors },
      },
    },
    async (request, reply) => {
      const { wait = 0, offerId } = request.query;
      const { mailbox, life } = sessions.live(request.params.id);
      const viewer = toViewerId(principalOf(request));
      const read = () => mailbox.answer(viewer, offerId);
      const answer = await untilAtMost(wait * 1000, mailbox.forViewers, read, life.signal, goneSignal(reply));
      if (!answer) throw new Refusal(404, 'answer_pending', 'the desktop has not answered yet');
      return answer;
    },
  );

  app.post(
    '/api/webrtc/session/:id/candidate',
    {
      config,
      schema: {
        tags,
        summary: 'More candidates of the viewer’s offer',
        params: SessionParams,
        body: CandidatesBody,
        response: { 204: Nothing, ...errors },
      },
    },
    async (request, reply) => {
      const { offerId, candidates } = request.body;
      sessions
        .live(request.params.id)
        .mailbox.postCandidates(toViewerId(principalOf(request)), { offerId, candidates: cleanCandidates(candidates) });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/webrtc/session/:id/candidates',
    {
      config,
      schema: {
        tags,
        summary: 'The guest’s candidates that were not handed out yet',
        params: SessionParams,
        querystring: SignalQuery,
        response: { 200: CandidatesReply, ...errors },
      },
    },
    async (request, reply) => {
      const { wait = 0, offerId } = request.query;
      const { mailbox, life } = sessions.live(request.params.id);
      const viewer = toViewerId(principalOf(request));
      const read = () => mailbox.takeCandidates(viewer, offerId);
      const more = await untilAtMost(wait * 1000, mailbox.forViewers, read, life.signal, goneSignal(reply));
      return more ?? { candidates: [], offerId: offerId ?? mailbox.offer(viewer).offerId };
    },
  );
}
