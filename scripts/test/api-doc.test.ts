import { readFileSync } from 'node:fs';
import { assert, suite } from '#test/suite';
import { API_DOC, toApiDoc } from '../api-doc.ts';
import { renderApi } from '../api-doc/render.ts';
import { toTypeWords } from '../api-doc/type-words.ts';

const test = suite('docs/api.md');

test('it is what the present routes describe: else `just api-doc` makes it anew', async () => {
  const doc = await toApiDoc();
  assert.is(readFileSync(API_DOC, 'utf8') === doc, true);
  for (const call of ['POST /api/auth/start', 'GET /api/events', 'GET /ready']) assert.ok(doc.includes(`### \`${call}\``), call);
});

test('every link in it leads somewhere, and no cell breaks its table', () => {
  const doc = readFileSync(API_DOC, 'utf8');
  const anchors = [...doc.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor] of doc.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(anchor!), anchor);
  for (const [table] of doc.matchAll(/(?:^\|.*\n)+/gm)) {
    const widths = table
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    assert.equal([...new Set(widths)].length, 1, table);
  }
});

for (const [schema, words] of [
  [{ type: 'integer', minimum: 0, maximum: 50 }, 'integer, 0 to 50'],
  [{ type: 'string', pattern: '^s-[a-z]+$' }, 'text like `^s-[a-z]+$`'],
  [{ type: 'string', minLength: 1, maxLength: 128 }, 'text, 1 to 128 characters'],
  [{ enum: ['view', 'control'] }, '`view`, `control`'],
  [{ type: 'array', items: { $ref: '#/components/schemas/Session' }, maxItems: 3 }, 'list of [Session](#session), 3 items at most'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'object of number by name'],
  [{ anyOf: [{ type: 'string' }, { type: 'boolean' }] }, 'text or boolean'],
] as const)
  test(`a value in words: ${words}`, () => assert.is(toTypeWords(schema as never), words));

test('a call of no known group is a mistake', () => {
  const description = { paths: { '/x': { get: { tags: ['other'], responses: {} } } }, components: { schemas: {} }, webhooks: {} };
  assert.throws(() => renderApi(description, ''), /GET \/x is of no group/);
});

test.run();
