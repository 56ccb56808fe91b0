import { ViewerBody, Viewer, ViewerRenewed, Viewers } from '#contract/viewer';
import { keyOf, viewerOf } from '../auth/guard.ts';
import { toWho } from '../auth/principal.ts';
import type { IssuedViewer } from '../auth/viewers.ts';
import { watching } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { errors, Nothing, SessionParams, ViewerParams } from './schemas.ts';

/** Who may look at a desktop: said by the product's back end. */
export function viewerRoutes(app: RouteApp, { sessions, viewers, audit, publicUrl }: RouteDeps): void {
  const tags = ['viewers'];
  const url = '/api/auth/session/:id/viewers';

  app.post(
    url,
    {
      config: { access: { scope: 'control' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'One more viewer of a session that is not over',
        params: SessionParams,
        body: ViewerBody,
        response: { 200: Viewer, ...errors },
      },
    },
    async (request) => {
      const { id } = request.params;
      const key = keyOf(request);
      sessions.live(id);
      const issued = await viewers.issue(id, request.body.role, toWho(key));
      audit.append({ who: toWho(key), action: 'viewer issued', sessionId: id, detail: `${issued.peerId} ${issued.role}` });
      return toViewer(issued, publicUrl());
    },
  );

  app.get(
    url,
    {
      config: { access: { scope: 'read' }, rateLimit: watching },
      schema: { tags, summary: 'Its viewers, those that were revoked too', params: SessionParams, response: { 200: Viewers, ...errors } },
    },
    async ({ params }) => ({ viewers: viewers.list(params.id) }),
  );

  app.delete(
    `${url}/:peer`,
    {
      config: { access: { scope: 'control' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Revoke a viewer: its tokens are void, its connections close',
        params: ViewerParams,
        response: { 204: Nothing, ...errors },
      },
    },
    async (request, reply) => {
      const { id, peer } = request.params;
      viewers.revoke(id, peer);
      audit.append({ who: toWho(keyOf(request)), action: 'viewer revoked', sessionId: id, detail: peer });
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${url}/renew`,
    {
      config: { access: { viewer: 'view' }, rateLimit: watching },
      schema: {
        tags,
        summary: 'Another token of the viewer who asks, as long as the session is not over',
        params: SessionParams,
        response: { 200: ViewerRenewed, ...errors },
      },
    },
    async (request) => {
      sessions.live(request.params.id);
      const { role, token, expiresAt } = await viewers.renew(viewerOf(request));
      return { role, token, expiresAt: toDate(expiresAt), expiresInMs: Math.max(0, expiresAt - Date.now()) };
    },
  );
}

/** A link that works as it is. The token is in its fragment, which no server and no log gets. */
export function toViewer({ sessionId, peerId, role, token, expiresAt }: IssuedViewer, publicUrl: string): Viewer {
  return { url: `${publicUrl}/desktop?session=${sessionId}#token=${token}`, peerId, role, token, expiresAt: toDate(expiresAt) };
}

function toDate(ms: number): string {
  return new Date(ms).toISOString();
}
