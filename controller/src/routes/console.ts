import type { FastifyRequest } from 'fastify';
import { Type } from '#contract/schema';
import { principalOf } from '../auth/guard.ts';
import { toWho } from '../auth/principal.ts';
import { sendEvents, toConsoleStream } from './event-stream.ts';
import { goneSignal } from './gone.ts';
import { watching } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { ConsoleQuery, ConsoleReply, errors, EventStreamReply, SessionParams } from './schemas.ts';

const description = `
Events: \`lines\` with \`{ lines, dropped? }\`, and at last \`end\` with the session’s \`{ status, reason? }\`. \`dropped\` counts lines
before these that were gone before they could be sent: a reader was too slow for its machine. Of a session that is over the lines that are kept come, and its end.
`;

const LastEventHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      pattern: '^[0-9a-z]{1,12}-[0-9]{1,15}$',
      description:
        'Of the last event that you have: what comes after it is sent, whatever `tail` says. All that is kept, when it is not known any more.',
    }),
  ),
});

/** What a machine says: the end of it, or all of it as it comes. */
export function consoleRoutes(app: RouteApp, { sessions, audit }: RouteDeps): void {
  const tags = ['sessions'];
  const config = { access: { scope: 'read', viewer: 'control' }, rateLimit: watching } as const;
  /** Its viewer has seen its desktop anyway. */
  const note = (request: FastifyRequest) => {
    const principal = principalOf(request);
    if (principal.kind === 'key')
      audit.append({ who: toWho(principal), action: 'console', sessionId: (request.params as { id: string }).id });
  };

  app.get(
    '/api/auth/session/:id/console',
    {
      config,
      schema: { tags, summary: 'The end of the machine’s console', params: SessionParams, response: { 200: ConsoleReply, ...errors } },
    },
    async (request) => {
      const lines = await sessions.console(request.params.id);
      note(request);
      return { lines };
    },
  );

  app.get(
    '/api/auth/session/:id/console/events',
    {
      config,
      schema: {
        tags,
        summary: 'The machine’s console as server-sent events, as it is written, to the session’s end',
        description,
        params: SessionParams,
        querystring: ConsoleQuery,
        headers: LastEventHeaders,
        response: { 200: EventStreamReply, ...errors },
      },
    },
    async (request, reply) => {
      const { params, query, headers } = request;
      const [{ id }, { tail = 500 }] = [params, query];
      sessions.read(id);
      note(request);
      const start = { tail, lastId: headers['last-event-id'] };
      return sendEvents(
        reply,
        toConsoleStream(sessions.followConsole(id, start, goneSignal(reply)), () => sessions.read(id)),
      );
    },
  );
}
