import { request as httpRequest } from 'node:http';

/** The controller answered, and does not want this: with `status` and its stable `code`. */
export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  bearer: string;
  /** Sent as JSON; a Buffer as the PNG that it is. */
  body?: unknown;
  /** Until the whole reply is there. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The controller's guest endpoint. Throws EndpointRefused for a 4xx, another error when it is away or unwell. */
export interface Endpoint {
  call(call: Call): Promise<unknown>;
}

const TIMEOUT_MS = 10_000;
/** More than any reply has: 64 signals of 64 KiB would not come at once. */
const REPLY_MAX = 8 * 1024 * 1024;

export function createEndpoint(host: string, port: number): Endpoint {
  return {
    async call({ timeoutMs = TIMEOUT_MS, signal, ...call }) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const { status, text } = await exchange(host, port, call, signal ? AbortSignal.any([signal, timeout]) : timeout);
      if (status >= 200 && status < 300) return text === '' ? undefined : JSON.parse(text);
      if (status >= 400 && status < 500) throw new EndpointRefused(status, toCode(text));
      throw new Error(`controller answered ${status}`);
    },
  };
}

/** node:http and not fetch, which takes 25 ms of CPU to load: the desktop waits for the first call. */
function exchange(
  host: string,
  port: number,
  call: Omit<Call, 'timeoutMs' | 'signal'>,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const isPng = Buffer.isBuffer(call.body);
  const body = isPng || call.body === undefined ? (call.body as Buffer | undefined) : JSON.stringify(call.body);
  const headers = {
    authorization: `Bearer ${call.bearer}`,
    ...(body !== undefined && { 'content-type': isPng ? 'image/png' : 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, method: call.method, path: call.path, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > REPLY_MAX) response.destroy(new Error('reply too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function toCode(text: string): string {
  try {
    return String((JSON.parse(text) as { error: { code: unknown } }).error.code);
  } catch {
    return 'unknown';
  }
}
