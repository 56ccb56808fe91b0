import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';

/*
 * What stands behind the wall in the wall's place, to show that a probe would get somewhere. They check nothing.
 */

/** A forward proxy: CONNECT, and GET with a whole address. Names and numbers are read as a browser reads them. */
export async function startCarelessProxy(port: number): Promise<Server> {
  const server = createServer((asked, response) => {
    const { hostname, port, path } = toTarget(asked.url ?? '');
    const target = request({ host: hostname, port, path, method: asked.method, headers: asked.headers, agent: false }, (reply) => {
      response.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(response);
    });
    asked.pipe(target.on('error', () => response.destroy()));
  });
  server.on('connect', ({ url }: IncomingMessage, client: Socket) => {
    const { hostname, port } = toTarget(`http://${url}`);
    const target = connect(Number(port || 80), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
  return server;
}

/** A guest endpoint that believes everybody. */
export async function startCarelessEndpoint(port: number): Promise<Server> {
  const server = createServer((_, response) => void response.writeHead(204).end()).listen(port, '0.0.0.0');
  await once(server, 'listening');
  return server;
}

function toTarget(url: string): { hostname: string; port: string; path: string } {
  // A URL's port 80 is left out of it.
  const { hostname, port, pathname } = new URL(Buffer.from(url, 'latin1').toString('utf8'));
  return { hostname: hostname.replace(/^\[|\]$|\.$/g, ''), port, path: pathname };
}
