import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { bridge } from '../../guest/src/websockify/bridge.ts';

/*
 * websockify.ts DIR SOCKET [ADDRESS]: serves a folder and, as a WebSocket, a Unix socket; prints its address, ends with its standard input.
 * A process of its own, as websockify is: the bench's other work does not delay it. With it x11vnc is not slower than with Debian's websockify.
 */
const [dir = '', socket = '', address = '127.0.0.1'] = process.argv.slice(2);
const TYPES: Record<string, string> = { '/': 'text/html', '/novnc.js': 'text/javascript' };

const server = createServer(async ({ url = '' }, response) => {
  const type = TYPES[url];
  if (type === undefined) return void response.writeHead(404).end();
  response.setHeader('content-type', type).end(await readFile(join(dir, url === '/' ? 'index.html' : url)));
});
new WebSocketServer({ server, perMessageDeflate: false, handleProtocols: (names) => names.has('binary') && 'binary' }).on(
  'connection',
  (client) => bridge(client, socket),
);
server.listen(0, address, () => process.stdout.write(`http://${address}:${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit(0));
