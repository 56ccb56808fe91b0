import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type as TypeBox } from 'typebox';
import { Type } from '#contract/schema';
import { assert, suite } from '#test/suite';

const test = suite('schema');
const SRC = join(import.meta.dirname, '../../src');

/** The same schema by these builders, or by TypeBox's own. */
const build = (T: typeof Type) =>
  T.Object(
    {
      id: T.String({ pattern: '^a$' }),
      count: T.Optional(T.Integer({ minimum: 0 })),
      share: T.Optional(T.Number({ description: 'd' })),
      on: T.Boolean(),
      kind: T.Enum(['a', 'b']),
      status: T.Literal('ok'),
      nothing: T.Null({ description: 'n' }),
      list: T.Array(T.Object({ a: T.Optional(T.String()) }, { additionalProperties: false }), { maxItems: 3 }),
      any: T.Record(T.String(), T.Integer()),
      named: T.Record(T.String({ pattern: '^[a-z]$' }), T.Integer({ minimum: 0 })),
      either: T.Union([T.Literal('x'), T.Literal('y'), T.Null()]),
    },
    { additionalProperties: false },
  );
const toJson = (schema: unknown) => JSON.parse(JSON.stringify(schema)) as unknown;

test('what the builders make is what TypeBox makes', () => {
  assert.equal(toJson(build(Type)), toJson(build(TypeBox)));
  const ours = Type.Object({ ...build(Type).properties, more: Type.Optional(Type.String()) });
  const theirs = TypeBox.Object({ ...build(TypeBox).properties, more: TypeBox.Optional(TypeBox.String()) });
  assert.equal(toJson(ours), toJson(theirs), 'properties of another keep what is optional');
});

test('schemas of both can be in one', () => {
  const mixed = TypeBox.Object({ a: Type.Optional(Type.String()), b: Type.String() });
  assert.equal(toJson(mixed), toJson(TypeBox.Object({ a: TypeBox.Optional(TypeBox.String()), b: TypeBox.String() })));
});

test('nothing that runs with the controller loads TypeBox itself', () => {
  const loading = globSync('**/*.ts', { cwd: SRC }).filter((file) =>
    /^import (?!type\b).*from 'typebox/m.test(readFileSync(join(SRC, file), 'utf8')),
  );
  assert.equal(loading, [], "import { Type } from '#contract/schema'");
});

test.run();
