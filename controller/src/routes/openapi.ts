import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

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
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API key, or the viewer token of a session.' } },
      },
      security: [{ token: [] }],
    },
  });
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger());
}
