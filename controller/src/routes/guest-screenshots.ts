import { SCREENSHOT_BYTES_MAX, ScreenshotQuery, ScreenshotRefusal } from '#contract/screenshot';
import { Refusal } from '../refusal.ts';
import { liveOf } from './guest.ts';
import type { RouteApp } from './route-app.ts';
import { errors, Nothing } from './schemas.ts';

/** The guest endpoint's part that is about screenshots. An app of its own: nowhere else is so large a body taken. */
export async function guestScreenshotRoutes(app: RouteApp): Promise<void> {
  app.addContentTypeParser('image/png', { parseAs: 'buffer', bodyLimit: SCREENSHOT_BYTES_MAX }, (_request, body, done) => done(null, body));

  app.post(
    '/guest/screenshot',
    { schema: { querystring: ScreenshotQuery, response: { 204: Nothing, ...errors } } },
    async (request, reply) => {
      const { screenshots, log } = liveOf(request);
      if (!Buffer.isBuffer(request.body)) throw new Refusal(415, 'unsupported_media_type', 'a screenshot is an image/png');
      if (!screenshots.keep(request.query.id, request.body)) log.debug('screenshot came too late');
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/guest/screenshot/refusal',
    { schema: { body: ScreenshotRefusal, response: { 204: Nothing, ...errors } } },
    async (request, reply) => {
      const { screenshots, log } = liveOf(request);
      const { id, reason } = request.body;
      if (screenshots.refuse(id, reason)) log.info({ reason }, 'guest refused a screenshot');
      return reply.code(204).send(null);
    },
  );
}
