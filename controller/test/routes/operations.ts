import { fc } from '#test/fuzz';
import { JUNK, RAW_BODIES, toFitting, toSpoiled, type Samples, type Schema } from '#test/fuzz-values';

/** One operation of the OpenAPI description. */
export interface Operation {
  /** `POST /api/x/{id}` */
  name: string;
  method: string;
  path: string;
  parameters: { name: string; in: string; schema: Schema }[];
  body?: Schema;
}

/** What is sent: `path` has its `{id}` still. */
export interface Question {
  /** Of the operation. */
  name: string;
  query: Record<string, unknown>;
  headers: Record<string, string>;
  payload?: string;
}

interface Described {
  parameters?: Operation['parameters'];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export function toOperations({ paths = {} }: { paths?: object }): Operation[] {
  return Object.entries(paths as Record<string, Record<string, Described>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      ...(requestBody && { body: requestBody.content['application/json']!.schema }),
    })),
  );
}

/** Questions to an operation: half of them as it wants them, the others wrong somewhere. */
export function toQuestions(operation: Operation, samples: Samples): fc.Arbitrary<Question> {
  const { name, parameters, body } = operation;
  return fc
    .record({
      query: toFields(
        parameters.filter((one) => one.in === 'query'),
        samples,
      ),
      told: toFields(
        parameters.filter((one) => one.in === 'header'),
        samples,
      ),
      extra: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constantFrom(...EXTRA_HEADERS) }),
      payload: body ? toPayloads(body, samples) : fc.constantFrom(undefined, undefined, '{}', 'x'),
      type: fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: fc.constantFrom(...TYPES) }),
    })
    .map(({ query, told, extra, payload, type }) => ({
      name,
      query,
      headers: { ...toHeaders(told), ...extra, ...(payload !== undefined && { 'content-type': type }) },
      ...(payload !== undefined && { payload }),
    }));
}

const TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'application/JSON; charset=utf-16', 'multipart/form-data', '💥', ''];

const EXTRA_HEADERS: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-http-method-override': 'DELETE' },
  { 'idempotency-key': 'x'.repeat(200) },
  { 'last-event-id': '-1' },
  { upgrade: 'websocket', connection: 'upgrade' },
  { accept: 'text/html', range: 'bytes=0-' },
  { 'content-encoding': 'gzip' },
  { expect: 'the worst' },
];

/** Some of the fields, right, wrong, or ones that nobody knows. */
function toFields(parameters: Operation['parameters'], samples: Samples): fc.Arbitrary<Record<string, unknown>> {
  const right = parameters.map(({ name, schema }) => [name, samples[name] ?? toFitting(schema, samples)] as const);
  const wrong = parameters.map(({ name }) => [name, fc.constantFrom(...JUNK)] as const);
  const toRecord = (fields: typeof right) => fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  return fc.oneof(
    { weight: 6, arbitrary: toRecord(right) },
    { weight: 1, arbitrary: toRecord(wrong as typeof right) },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }) },
  ) as fc.Arbitrary<Record<string, unknown>>;
}

function toPayloads(body: Schema, samples: Samples): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: toFitting(body, samples).map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: toSpoiled(body, samples).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW_BODIES) },
  );
}

/** What HTTP can carry in a header. */
function toHeaders(fields: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    String(value)
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 4000),
  ]);
  return Object.fromEntries(entries.filter(([name]) => /^[a-z-]+$/.test(name!))) as Record<string, string>;
}
