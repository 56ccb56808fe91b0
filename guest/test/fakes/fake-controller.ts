import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEndpoint, type Endpoint } from '../../src/agent/controller/endpoint.ts';

export interface Request {
  method: string;
  path: string;
  authorization: string | undefined;
  body: unknown;
}

export interface Reply {
  status: number;
  body?: unknown;
  /** The connection is cut instead. */
  cut?: boolean;
}

/** A guest endpoint that answers as it is told, on a real socket. */
export class FakeController {
  readonly requests: Request[] = [];
  answer: (request: Request) => Reply | Promise<Reply> = () => ({ status: 204 });
  #server: Server | undefined;
  #port = 0;

  /** At the same port as before, once it has been started. */
  async start(): Promise<Endpoint> {
    this.#server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const seen = {
        method: request.method!,
        path: request.url!,
        authorization: request.headers.authorization,
        body: text ? (JSON.parse(text) as unknown) : undefined,
      };
      this.requests.push(seen);
      const { status, body, cut } = await this.answer(seen);
      if (cut) return request.socket.destroy();
      response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return createEndpoint('127.0.0.1', this.#port);
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

export function refusal(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'no' } } };
}
