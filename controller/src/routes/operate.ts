import { Type } from '#contract/schema';
import { Host } from '#contract/host';
import { Session, SESSION_STATUSES } from '#contract/session';
import { principalOf } from '../auth/guard.ts';
import { toOwner } from '../auth/principal.ts';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import { sendEvents, toTransitionStream } from './event-stream.ts';
import { goneSignal } from './gone.ts';
import { listing } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { errors, EventStreamReply } from './schemas.ts';

const eventsDescription = `
Events: \`transition\`, for each transition of each session from now on, with its number as its id. With \`Last-Event-ID\` those after that
one come first: none is left out and none comes twice, however often one connects anew. Of sessions that were removed meanwhile none come.
`;

const LastEventHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'Of the last event that you have.' })),
});

const ListQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum(['open', 'all'], { description: 'Those that are not over, or all; open when left out.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'The newest so many; 1000 when left out.' })),
  },
  { additionalProperties: false },
);

const ListReply = Type.Object(
  {
    sessions: Type.Array(Session),
    lastEventId: Type.Integer({ description: 'What happened up to this event is in the list: go on with it at /api/events.' }),
  },
  { additionalProperties: false },
);

/** What an operator asks: of all sessions, and of the host. */
export function operateRoutes(app: RouteApp, { sessions, events, readHost }: RouteDeps): void {
  const tags = ['operate'];
  const config = { access: { scope: 'operate' }, rateLimit: listing } as const;

  app.get(
    '/api/sessions',
    {
      config: { access: { scope: 'read' }, rateLimit: listing },
      schema: {
        tags,
        summary: 'Sessions of the key’s owner, or of all owners for an operator; the newest first',
        querystring: ListQuery,
        response: { 200: ListReply, ...errors },
      },
    },
    async (request) => {
      const { status = 'open', limit = 1000 } = request.query;
      const statuses = status === 'open' ? OPEN_STATUSES : SESSION_STATUSES;
      return { lastEventId: events.last, sessions: sessions.list(statuses, limit, toOwner(principalOf(request))) };
    },
  );

  app.get(
    '/api/events',
    {
      config,
      schema: {
        tags,
        summary: 'Transitions of all sessions as server-sent events',
        description: eventsDescription,
        headers: LastEventHeaders,
        response: { 200: EventStreamReply, ...errors },
      },
    },
    async ({ headers }, reply) => {
      const last = headers['last-event-id'];
      return sendEvents(reply, toTransitionStream(events.follow(last === undefined ? undefined : Number(last), goneSignal(reply))));
    },
  );

  app.get('/api/host', { config, schema: { tags, summary: 'The host, its load and its room', response: { 200: Host, ...errors } } }, () =>
    readHost(),
  );
}
