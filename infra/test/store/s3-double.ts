import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a test's S3 is known by. */
export const KEYS = { id: 'AKIDTEST', secret: 'canary-of-a-secret-key' };

const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const sign = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/**
 * A test double of S3: HEAD, GET and PUT of objects in buckets by path; each request's signature (AWS signature version 4) is computed anew from what came,
 * and a body is held against the hash that was signed. An upload that breaks off leaves nothing, as with S3 itself.
 */
export class S3Double {
  readonly objects = new Map<string, Buffer>();
  /** METHOD path, as they came. */
  readonly asked: string[] = [];
  /** Whether a request is cut off in the midst of its body. */
  cuts: (line: string) => boolean = () => false;
  readonly #server: Server = createServer((request, reply) => void this.#answer(request, reply));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    this.asked.push(`${method} ${url}`);
    if (this.cuts(`${method} ${url}`))
      return void request.once('data', () => request.destroy()).socket.setTimeout(200, () => request.destroy());
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    const refuse = (status: number, code: string) => void reply.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    if (!isSigned(request)) return refuse(403, 'SignatureDoesNotMatch');
    if (hash(body) !== request.headers['x-amz-content-sha256']) return refuse(400, 'XAmzContentSHA256Mismatch');
    if (method === 'PUT') {
      this.objects.set(url, body);
      return void reply.end();
    }
    const object = this.objects.get(url);
    if (!object) return refuse(404, 'NoSuchKey');
    reply.writeHead(200, { 'content-length': object.length }).end(method === 'HEAD' ? undefined : object);
  }
}

/** As the server's side of the signature's description has it. */
function isSigned({ method, url, headers }: IncomingMessage): boolean {
  const [, scope = '', names = '', signature] =
    /Credential=\w+\/(\S+), SignedHeaders=(\S+), Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
  const canonical = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const request = [method, url, '', canonical.join(''), names, headers['x-amz-content-sha256']].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(request)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((key, part) => sign(key, part), `AWS4${KEYS.secret}`);
  return signature === sign(key, text).toString('hex');
}
