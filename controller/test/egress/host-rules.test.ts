import { suite, assert } from '#test/suite';
import { isPermitted, toRules } from '../../src/egress/host-rules.ts';

const test = suite('egress: host rules');

const CASES: [rules: { allow?: string[]; deny?: string[] }, permitted: string[], not: string[]][] = [
  [{}, ['a.example', '203.0.113.9'], []],
  [{ allow: [] }, [], ['a.example']],
  [{ allow: ['a.example'] }, ['a.example'], ['b.a.example', 'xa.example', 'a.example.evil', '203.0.113.9']],
  [{ allow: ['*.a.example'] }, ['b.a.example', 'c.b.a.example'], ['a.example', 'xa.example', 'a.example.evil']],
  [{ deny: ['*.a.example', 'a.example'] }, ['b.example', '203.0.113.9'], ['a.example', 'b.a.example']],
  [{ allow: ['*'], deny: ['b.example'] }, ['a.example'], ['b.example']],
  [{ allow: ['b.example'], deny: ['*'] }, [], ['b.example', 'a.example']],
  [{ allow: ['203.0.113.9'] }, ['203.0.113.9'], ['203.0.113.90']],
];

for (const [rules, permitted, not] of CASES) {
  test(`${JSON.stringify(rules)} lets ${permitted.join(' ') || 'nothing'} pass, and not ${not.join(' ') || 'nothing'}`, () => {
    assert.equal(
      permitted.filter((host) => !isPermitted(host, rules)),
      [],
    );
    assert.equal(
      not.filter((host) => isPermitted(host, rules)),
      [],
    );
  });
}

test('names are kept as hosts are judged: lower case, ASCII, no last dot, each once', () => {
  const rules = toRules({ allow: ['A.Example.', 'a.example', '*.BÜCHER.example', '*'], deny: ['0x7f.1'] });
  assert.equal(rules, { allow: ['a.example', '*.xn--bcher-kva.example', '*'], deny: ['127.0.0.1'] });
  assert.equal(toRules({}), {});
});

test('a name that is none is refused, by its place', () => {
  assert.throws(() => toRules({ allow: ['a.example', '256.0.0.1'] }), /body\/egress\/allow\/1 is no host name/);
});

test.run();
