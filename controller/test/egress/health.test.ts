import { suite, assert } from '#test/suite';
import { toHealth, type Health } from '../../src/egress/health.ts';

const test = suite('egress: health');

/** What is known after each probe: `+` worked, `-` did not. */
function after(probes: string): string {
  let health: Health | undefined;
  return [...probes]
    .map((probe) => {
      health = toHealth(health, probe === '+' ? { ms: 1, address: '203.0.113.9' } : { ms: 1, why: 'no answer' });
      return health.isUp ? 'U' : 'd';
    })
    .join('');
}

const CASES: [probes: string, known: string][] = [
  ['+', 'U'],
  ['-', 'd'],
  ['+--+--+', 'UUUUUUU'],
  ['+---', 'UUUd'],
  ['-+', 'dd'],
  ['-++', 'ddU'],
  ['-+-+-++', 'ddddddU'],
  ['+---+-++', 'UUUddddU'],
];
for (const [probes, known] of CASES) test(`${probes} → ${known}`, () => assert.is(after(probes), known));

test('the address stays known while it does not answer, and why it does not is known', () => {
  const up = toHealth(undefined, { ms: 1, address: '203.0.113.9' });
  const shaky = toHealth(up, { ms: 1, why: 'no answer' });
  assert.equal([shaky.address, shaky.why, shaky.isUp], ['203.0.113.9', 'no answer', true]);
  assert.is(toHealth(shaky, { ms: 1 }).why, undefined);
});

test.run();
