import type { Provider } from '#contract/provider';
import { assert, suite } from '#test/suite';
import { explainEnd, explainMalformed } from '../../src/auth/failure.ts';
import { redact } from '../../src/auth/redact.ts';

const test = suite('failures of a sign-in');
const provider: Provider = {
  id: 'x',
  name: 'Tool X',
  login: { command: ['x', 'login'], callbackPorts: [], denied: 'access_denied', expired: 'expired' },
  credentials: [],
  hosts: [],
};
const explain = (code: number | null, lines: string[] = [], found = {}) => explainEnd(provider, { code, lines }, found);

for (const [title, failure, code] of [
  ['a person who said no', explain(1, ['error: access_denied']), 'login_denied'],
  ['a code that was too old', explain(1, ['The code has Expired']), 'code_expired'],
  ['a tool that is not there', explain(127, ['sh: exec: x: not found']), 'cli_missing'],
  ['a tool that broke', explain(70, ['TypeError']), 'cli_crashed'],
  ['a tool that was killed', explain(137), 'cli_crashed'],
  ['a tool that was interrupted by Ctrl+C', explain(130), 'login_cancelled'],
  ['a tool that ended by itself', explain(0, ['Bye']), 'login_cancelled'],
  ['a terminal that was closed', explain(null), 'login_cancelled'],
  ['no way to the page', explain(1, ['fetch failed'], { unreachable: 'a.example:443 cannot be reached' }), 'page_unreachable'],
  ['a file that is none', explain(0, [], { malformed: '~/.x: it is no JSON' }), 'credentials_malformed'],
  ['a no that came over a broken way', explain(1, ['access_denied'], { unreachable: 'x' }), 'login_denied'],
] as const) {
  test(`${title} is ${code}`, () => assert.is(failure.code, code));
}

test('a reason has a sentence, then the last lines of the tool', () => {
  assert.is(explain(70, ['one', 'two']).message, 'Tool X ended with exit code 70; its last lines:\none\ntwo');
  assert.is(explain(137).message, 'Tool X was killed by SIGKILL');
  assert.ok(explain(70, Array(50).fill('x'.repeat(100))).message.length <= 2000);
  assert.match(explainMalformed('Tool X', 'y').message, /^what Tool X wrote cannot be its credentials: y$/);
});

test('codes, tokens and what follows an address’s path are left out of it', () => {
  const token = `sk-ant-oat01-${'x'.repeat(40)}`;
  assert.is(redact(`key ${token} is wrong`), 'key … is wrong');
  assert.is(redact('see https://a.example/oauth?code=abc&state=def now'), 'see https://a.example/oauth?… now');
  assert.is(redact(`{"refresh":"${token}"}`).includes('xxxx'), false);
  assert.is(redact('TypeError: cannot read properties of undefined'), 'TypeError: cannot read properties of undefined');
});

test.run();
