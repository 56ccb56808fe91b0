import { DatabaseSync } from 'node:sqlite';
import { assert, suite } from '#test/suite';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { createSessionTable } from '../../src/store/sessions.ts';
import { Sql } from '../../src/store/sql.ts';

const test = suite('durable writes');
const AT = '2026-01-01T00:00:00.000Z';
const [NORMAL, FULL] = [1, 2];

/** Remembers whether what was asked last waited for the disk. */
class Watched extends Sql {
  last = false;
  override durably<T>(act: () => T): T {
    this.last = true;
    return super.durably(act);
  }
}

function open() {
  const sql = new Watched(new DatabaseSync(':memory:'));
  for (const text of MIGRATIONS) sql.script(text);
  const level = () => sql.one<{ synchronous: number }>('pragma synchronous')!.synchronous;
  return { sql, level, table: createSessionTable(sql) };
}

test('the disk is waited for while it has to be, and not after it, also when it fails', () => {
  const { sql, level } = open();
  assert.is(sql.durably(level), FULL);
  assert.is(level(), NORMAL);
  assert.throws(
    () =>
      sql.durably(() =>
        sql.atomically(() => {
          throw new Error('no');
        }),
      ),
    /^no$/,
  );
  assert.is(level(), NORMAL);
});

test('an end waits for the disk; a start, for which the store’s `synced` is there, and steps in between do not', () => {
  const { sql, table } = open();
  const waits = (act: () => void) => {
    sql.last = false;
    act();
    return sql.last;
  };
  const display = { width: 1, height: 1 };
  const session = { id: 's-1', owner: 'product', userId: 'u', provider: 'desktop', display, idempotencyKey: undefined, at: AT };
  assert.not(waits(() => table.insert(session)));
  assert.not(waits(() => table.move('s-1', { to: 'vm_creating', at: AT, who: 'controller' })));
  assert.not(waits(() => table.startPhase('s-1', 'network', AT)));
  assert.ok(waits(() => table.move('s-1', { to: 'stopped', at: AT, who: 'api' })));
  assert.is(table.read('s-1')?.status, 'stopped');
});

test.run();
