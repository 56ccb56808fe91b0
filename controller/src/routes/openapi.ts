import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { WebhookBody } from '#contract/event';

/** Describes every route of `app` that comes after, from the schemas that check it. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Oriel',
        version: '0.1.0',
        description: 'Disposable Linux desktops, each in a machine of its own, shown inside a web page.',
      },
      webhooks: {
        session: {
          post: {
            summary: 'A transition of a session, to ORIEL_WEBHOOK_URL, signed as Standard Webhooks have it',
            requestBody: { content: { 'application/json': { schema: WebhookBody } } },
            responses: { '2XX': { description: 'Taken; anything else is tried again' } },
          },
        },
      },
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key with the scope that is named.' },
          viewer: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token of a viewer of this session, with the role that is named or more.',
          },
        },
      },
    },
  });
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger());
}
