import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The viewer's pages and what they load, from the folder that it was built into. */
export async function pageRoutes(app: FastifyInstance, viewerDir: string): Promise<void> {
  await app.register(fastifyStatic, { root: viewerDir, prefix: '/assets/', index: false, maxAge: 0 });
  // A page's address holds the session, and the token in its fragment: no cache keeps it.
  const sendPage = (reply: FastifyReply, file: string) => reply.header('cache-control', 'no-store').sendFile(file, { cacheControl: false });
  const page = (path: string, file: string) =>
    app.get(path, { schema: { hide: true, querystring: {} } }, (_request, reply) => sendPage(reply, file));
  page('/desktop', 'desktop.html');
  page('/operator', 'operator.html');
  // Links of the system before this one name the session at the root. The browser carries the fragment, and the token in it, along.
  app.get('/', { schema: { hide: true, querystring: {} } }, (request, reply) =>
    'session' in (request.query as object)
      ? reply.redirect(`/desktop${request.url.slice(request.url.indexOf('?'))}`)
      : sendPage(reply, 'index.html'),
  );
}
