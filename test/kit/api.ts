import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import { PACE } from './pace.ts';

export interface Reply<T = unknown> {
  status: number;
  body: T;
  headers: Headers;
  /** Until the whole reply was there. */
  ms: number;
}

export interface Question {
  body?: unknown;
  /** In the place of the API key; none at all when it is null. */
  token?: string | null;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** The controller's API as a program uses it: `ask('POST /api/auth/start', { body })`. */
export class Api {
  readonly origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.origin = origin;
    this.#token = token;
  }

  /** A body that is no string is sent as JSON; a reply's JSON is read. */
  async ask<T = unknown>(line: string, { body, token = this.#token, headers = {}, timeoutMs = 30_000 }: Question = {}): Promise<Reply<T>> {
    const [method, path] = line.split(' ') as [string, string];
    const started = performance.now();
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as T,
      headers: response.headers,
      ms: performance.now() - started,
    };
  }
}

/** Waits until the guest has told of each of these marks (`terminal`, `chromium` …). */
export async function waitForMarks(api: Api, sessionId: string, names: readonly string[], timeoutMs = 30_000 * PACE): Promise<void> {
  for (const until = Date.now() + timeoutMs; ; await sleep(100)) {
    const { marks } = (await api.ask<Session>(`GET /api/auth/session/${sessionId}`)).body;
    if (names.every((name) => name in marks)) return;
    if (Date.now() > until) throw new Error(`${names.join(', ')}: not all within ${timeoutMs} ms; there are ${JSON.stringify(marks)}`);
  }
}
