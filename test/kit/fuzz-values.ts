import { fc } from './fuzz.ts';

/** As much of JSON Schema as #contract/schema makes. */
export interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
}

/** Values in the place of made-up ones, by the name of the field: what a schema cannot say of them (that a text is SDP). */
export type Samples = Record<string, fc.Arbitrary<unknown>>;

/** Of all there are, halves of surrogate pairs among them. (fast-check's own `binary` takes a second to be made.) */
const CHARACTERS = fc
  .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
const LENGTH_MOST = 300;
const ITEMS_MOST = 5;

/** Values that a schema takes, its bounds among them. */
export function toFitting(schema: Schema, samples: Samples = {}): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => toFitting(one, samples)));
  const make = MAKERS[schema.type ?? ''];
  if (!make) throw new Error(`no values are known of the schema ${JSON.stringify(schema)}`);
  return make(schema, samples);
}

const MAKERS: Record<string, (schema: Schema, samples: Samples) => fc.Arbitrary<unknown>> = {
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
  string: toText,
  integer: ({ minimum: min = -(2 ** 31), maximum: max = 2 ** 31 }) => fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })),
  number: ({ minimum: min = -1e9, maximum: max = 1e9 }) =>
    fc.oneof(fc.constantFrom(min, max), fc.double({ min, max, noNaN: true, noDefaultInfinity: true })),
  array: ({ items = {}, maxItems = ITEMS_MOST }, samples) =>
    fc.array(toFitting(items, samples), { maxLength: Math.min(maxItems, ITEMS_MOST) }),
  object: toObject,
};

function toText({ pattern, minLength = 0, maxLength = LENGTH_MOST }: Schema): fc.Arbitrary<string> {
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  return fc
    .array(CHARACTERS, { minLength, maxLength: Math.min(maxLength, LENGTH_MOST) / 2 })
    .map((all) => all.join(''))
    .filter(fits);
}

function toObject({ properties = {}, required = [], patternProperties = {} }: Schema, samples: Samples): fc.Arbitrary<unknown> {
  const [[pattern, value] = []] = Object.entries(patternProperties);
  if (pattern !== undefined)
    return fc.dictionary(fc.stringMatching(new RegExp(pattern)), toFitting(value!, samples), {
      maxKeys: ITEMS_MOST,
      noNullPrototype: true,
    });
  const fields = Object.entries(properties).map(([name, one]) => [name, samples[name] ?? toFitting(one, samples)]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: required, noNullPrototype: true });
}

/** What careless code takes for something else. All of it can be said in JSON. */
export const JUNK: readonly unknown[] = [
  null,
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  'Infinity',
  'NaN',
  '0x0',
  -1,
  0.5,
  1e308,
  2 ** 53,
  true,
  [],
  {},
  [[[[[[]]]]]],
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '\u202e💥',
  '\r\nx: y',
  '../../etc/passwd',
  "'; drop table sessions; --",
  '%s%n',
  'a'.repeat(70_000),
  Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index])),
];

/** Values that a schema takes but for one place: another value there, none, or a field too many. */
export function toSpoiled(schema: Schema, samples: Samples = {}): fc.Arbitrary<unknown> {
  const how = fc.oneof(
    fc.constantFrom('drop', 'add'),
    fc.constantFrom(...JUNK).map((junk) => ({ junk })),
  );
  return fc.tuple(toFitting(schema, samples), fc.nat(), how).map(([value, place, one]) => spoil(value, place, one));
}

function spoil(value: unknown, place: number, how: 'drop' | 'add' | { junk: unknown }): unknown {
  const places = toPlaces(value);
  const path = places[place % places.length]!;
  if (path.length === 0) return typeof how === 'object' ? how.junk : { ...(value as object), more: 1 };
  const copy = structuredClone(value);
  const holder = path.slice(0, -1).reduce((one, key) => (one as Record<string, unknown>)[key], copy) as Record<string, unknown>;
  const key = path.at(-1)!;
  if (how === 'drop') delete holder[key];
  else if (how === 'add') holder[`${key}2`] = holder[key];
  else holder[key] = how.junk;
  return copy;
}

/** Ways to all parts of a value, itself included. */
function toPlaces(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, one]) => toPlaces(one).map((path) => [key, ...path]))];
}

/** Texts that are no JSON, or JSON that none would write. */
export const RAW_BODIES: readonly string[] = [
  '',
  '{',
  'null',
  '0',
  '"text"',
  '[]',
  '{}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"userId":"ann","userId":"bob","provider":"desktop"}',
  '\ufeff{"userId":"ann","provider":"desktop"}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `{"userId":"${'x'.repeat(300_000)}"}`,
  '\u0000',
  'userId=ann&provider=desktop',
];
