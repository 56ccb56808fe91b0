import type { Provider } from '#contract/provider';
import { assert, suite } from '#test/suite';
import { createJudge, type Found } from '../../src/auth/judge.ts';

const test = suite('judge');
const SECRET = 's'.repeat(30);
const schema = { type: 'object', required: ['token'], properties: { token: { type: 'string', minLength: 16 } } };
const provider: Provider = {
  id: 'two',
  name: 'Two',
  credentials: [
    { path: '.two/a.json', schema },
    { path: '.two/b.json', schema },
  ],
  hosts: [],
};
const good: Found = { content: JSON.stringify({ token: SECRET }) };
const judge = (a: Found | undefined, b: Found | undefined, restored: { path: string; content: string }[] = []) =>
  createJudge(
    provider,
    restored,
  )(
    new Map([['.two/a.json', a] as const, ['.two/b.json', b] as const].flatMap(([path, found]) => (found ? [[path, found] as const] : []))),
  );

test('signed in is when all files are there and valid', () => {
  assert.is(judge(undefined, undefined).kind, 'missing');
  assert.is(judge(good, undefined).kind, 'missing');
  const verdict = judge(good, good);
  assert.equal(verdict, {
    kind: 'signed_in',
    files: ['a', 'b'].map((name) => ({ path: `.two/${name}.json`, content: (good as { content: string }).content })),
  });
});

test('half a file, another shape and what cannot be read are malformed, and no value is told', () => {
  const half = judge({ content: `{"token":"${SECRET}` }, good);
  const short = judge(good, { content: '{"token":"abc"}' });
  const read = judge({ problem: 'it is a link' }, undefined);
  assert.equal([half.kind, short.kind, read.kind], ['malformed', 'malformed', 'malformed']);
  assert.not.match(JSON.stringify(half), SECRET);
  assert.match(JSON.stringify(short), /b\.json: \/token must NOT have fewer than 16/);
  assert.match(JSON.stringify(read), /a\.json: it is a link/);
});

test('credentials that were given back are not signed in until the tool has renewed one of them', () => {
  const restored = ['a', 'b'].map((name) => ({ path: `.two/${name}.json`, content: (good as { content: string }).content }));
  assert.is(judge(good, good, restored).kind, 'restored');
  assert.is(judge(good, { content: JSON.stringify({ token: 'n'.repeat(30) }) }, restored).kind, 'signed_in');
});

test.run();
