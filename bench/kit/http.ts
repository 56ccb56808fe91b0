import { Agent, request as httpRequest } from 'node:http';

export interface Reply {
  status: number;
  text: string;
}

export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  bearer: string;
  body?: unknown;
  timeoutMs?: number;
}

/** Requests over connections that are kept: what a load measures then is the server, and not a handshake. */
export class Connections {
  readonly #agent: Agent;

  constructor(most = Infinity) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: most });
  }

  ask({ method, url, bearer, body, timeoutMs = 60_000 }: Call): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${bearer}`,
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { method, headers, agent: this.#agent, timeout: timeoutMs }, (response) => {
        let said = '';
        response.setEncoding('utf8').on('data', (piece: string) => (said += piece));
        response.on('end', () => resolve({ status: response.statusCode!, text: said })).on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${url}: no reply within ${timeoutMs} ms`)));
      request.on('error', reject).end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
