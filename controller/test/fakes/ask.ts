import type { RouteApp } from '../../src/routes/route-app.ts';

export interface Asked {
  status: number;
  headers: Record<string, string>;
  // Tests read what they expect of it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** One request without a socket: `ask(app, 'POST /api/x', { token, body })`. */
export async function ask(
  app: RouteApp,
  line: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Asked> {
  const [method, url] = line.split(' ') as ['GET', string];
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const reply = await app.inject({
    method,
    url,
    headers: { ...authorization, ...headers },
    ...(body !== undefined && { payload: body as object }),
  });
  const isJson = String(reply.headers['content-type']).startsWith('application/json');
  return { status: reply.statusCode, headers: reply.headers as Record<string, string>, body: isJson ? reply.json() : reply.body };
}
