import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { FAULT_POINTS } from '../../../controller/src/fault-point.ts';
import { openStore } from '../../../controller/src/store/store.ts';
import { toRandom } from '../../../bench/kit/random.ts';
import { isReachable, Ledger } from '../../storm/ledger.ts';
import { planKills } from '../../storm/plan.ts';
import { compare } from '../../storm/verdict.ts';

const test = suite('storm');
const AT = '2026-01-01T00:00:00.000Z';

/** A database in which the session of `key` was moved as it is said, compared with a ledger. */
function judge(
  ledger: Ledger,
  rows: { id: string; key: string; moves: ('vm_creating' | 'vm_created' | 'failed' | 'stopped')[] }[],
): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-verdict-'));
  try {
    const store = openStore(join(dir, 'oriel.db'));
    for (const { id, key, moves } of rows) {
      const display = { width: 1, height: 1 };
      store.sessions.insert({ id, owner: 'product', userId: 'u', provider: 'desktop', display, idempotencyKey: key, at: AT });
      for (const to of moves) store.sessions.move(id, { to, at: AT, who: 'api' });
    }
    store.close();
    return compare(join(dir, 'oriel.db'), ledger).violations;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function toLedger(...known: [key: string, id: string][]): Ledger {
  const ledger = new Ledger();
  for (const [key, id] of known) ledger.acknowledge(ledger.begin(key), id);
  return ledger;
}

test('what agrees is no violation', () => {
  assert.equal(judge(toLedger(['a', 's-1']), [{ id: 's-1', key: 'a', moves: ['vm_creating', 'vm_created', 'stopped'] }]), []);
});

test('a session that was acknowledged and is not there is lost', () => {
  assert.match(judge(toLedger(['a', 's-1']), []).join(), /^lost: the key a has s-1/);
});

test('a session that nobody asked for is one too many', () => {
  assert.match(judge(toLedger(), [{ id: 's-1', key: 'a', moves: ['stopped'] }]).join(), /^doubled: nobody asked for s-1/);
});

test('a key that gives two sessions is seen at once', () => {
  const ledger = toLedger(['a', 's-1']);
  ledger.acknowledge(ledger.entries[0]!, 's-2');
  assert.match(ledger.violations.join(), /^doubled: the key a gave s-1, then s-2/);
});

test('a session that does not end, and a step that is not allowed, are told', () => {
  assert.match(judge(toLedger(['a', 's-1']), [{ id: 's-1', key: 'a', moves: ['vm_creating'] }]).join(), /^not ended: s-1 is vm_creating/);
  assert.match(
    judge(toLedger(['a', 's-1']), [{ id: 's-1', key: 'a', moves: ['vm_created', 'stopped'] }]).join(),
    /^illegal: s-1 was pending/,
  );
});

test('a desktop that was seen and failed has died', () => {
  const ledger = toLedger(['a', 's-1']);
  ledger.see(ledger.entries[0]!, 'vm_created');
  const rows = [{ id: 's-1', key: 'a', moves: ['vm_creating', 'vm_created', 'failed'] as ('vm_creating' | 'vm_created' | 'failed')[] }];
  assert.match(judge(ledger, rows).join(), /^died: s-1 could be viewed, and is failed/);
  ledger.entries[0]!.statuses = ['pending'];
  assert.equal(judge(ledger, rows), [], 'one that nobody saw may fail');
});

test('a client may miss steps, but not see them in another order', () => {
  assert.ok(isReachable('pending', 'stopped'));
  assert.ok(isReachable('vm_creating', 'pending'), 'it begins again');
  assert.not(isReachable('vm_created', 'vm_creating'));
  assert.not(isReachable('stopped', 'failed'));
  const ledger = toLedger(['a', 's-1']);
  for (const status of ['pending', 'stopped', 'stopped', 'vm_created'] as const) ledger.see(ledger.entries[0]!, status);
  assert.match(ledger.violations.join(), /^illegal: s-1 was stopped, then vm_created$/);
});

test('kills come at each fault point as often as asked, and at random instants up to their number', () => {
  const plan = planKills(FAULT_POINTS.length * 3 + 10, 3, FAULT_POINTS, toRandom(1));
  for (const point of FAULT_POINTS) assert.is(plan.filter((kill) => 'at' in kill && kill.at === point).length, 3, point);
  assert.is(plan.filter((kill) => 'afterMs' in kill).length, 10);
  assert.equal(plan, planKills(FAULT_POINTS.length * 3 + 10, 3, FAULT_POINTS, toRandom(1)), 'a seed is a plan');
});

test.run();
