import type { paths } from './api.ts';
import { request, type Call, type Door } from './request.ts';

type Method = 'get' | 'post' | 'delete';
/** Paths that take this method. */
type PathOf<M extends Method> = { [P in keyof paths]: paths[P] extends { [m in M]: object } ? P : never }[keyof paths];
type Operation<M extends Method, P extends PathOf<M>> = paths[P][M];

type Parameter<O, In extends string> = O extends { parameters: { [i in In]?: infer T } } ? NonNullable<T> : never;
type Json<T> = T extends { content: { 'application/json': infer J } } ? J : never;
type Body<O> = O extends { requestBody?: infer R } ? Json<R> : never;
type Reply<O> = O extends { responses: { 200: infer R } } ? (R extends { content: { 'image/png': unknown } } ? Blob : Json<R>) : undefined;

/** What a call is made of, as the description has it; and how it is made. */
type Parts<O> = {
  path?: Parameter<O, 'path'>;
  query?: Partial<Parameter<O, 'query'>>;
  header?: Partial<Parameter<O, 'header'>>;
  body?: Body<O>;
} & Pick<Call, 'repeatable' | 'patienceMs' | 'timeoutMs' | 'signal' | 'keepalive'>;

export type Ask = <M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  parts?: Parts<Operation<M, P>>,
) => Promise<Reply<Operation<M, P>>>;

/** Calls of which the compiler knows, by the description, what they take and give. */
export function toAsk(door: Door): Ask {
  return (async (method: Method, template: string, parts: Parts<unknown> = {}) => {
    const {
      path = {},
      query,
      header,
      body,
      ...manner
    } = parts as { path?: Record<string, string> } & Omit<Call, 'path' | 'method'> & {
        header?: Record<string, string>;
      };
    return request(door, {
      method: method.toUpperCase() as Call['method'],
      path: toPath(template, path),
      ...(query && { query }),
      ...(header && { headers: header }),
      ...(body !== undefined && { body }),
      ...manner,
    });
  }) as Ask;
}

/** `/api/x/{id}` with what is in its place. */
export function toPath(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
