import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { createEventTable } from '../../src/store/events.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { createSessionTable } from '../../src/store/sessions.ts';
import { migrate, StoreTooNew } from '../../src/store/migrate.ts';
import { Sql } from '../../src/store/sql.ts';

const test = suite('migrate');

const open = () => new Sql(new DatabaseSync(':memory:'));
const ONE = 'create table a (id integer)';
const TWO = 'alter table a add column name text';

test('each migration is done once, in order', () => {
  const sql = open();
  assert.is(migrate(sql, [ONE]), 1);
  sql.run('insert into a (id) values ($1)', 1);
  assert.is(migrate(sql, [ONE, TWO]), 1);
  assert.is(migrate(sql, [ONE, TWO]), 0);
  assert.equal({ ...sql.one('select * from a') }, { id: 1, name: null });
});

test('a migration that fails changes nothing', () => {
  const sql = open();
  migrate(sql, [ONE]);
  assert.throws(() => migrate(sql, [ONE, 'create table b (id integer); this is no SQL']));
  assert.throws(() => sql.one('select * from b'));
  assert.is(migrate(sql, [ONE, TWO]), 1);
});

test('a database of a newer Oriel is refused', () => {
  const sql = open();
  migrate(sql, [ONE, TWO]);
  assert.throws(
    () => migrate(sql, [ONE]),
    (error: unknown) => error instanceof StoreTooNew,
  );
});

test('the real ones build an empty database', () => {
  const sql = open();
  assert.ok(migrate(sql) > 0);
  assert.is(migrate(sql), 0);
});

test('transitions that were written before they had numbers get them in the order in which they happened', () => {
  const sql = open();
  migrate(sql, MIGRATIONS.slice(0, 1));
  const columns = '(id, user_id, provider, status, created_at, updated_at, width, height)';
  for (const id of ['a', 'b']) sql.run(`insert into sessions ${columns} values ($1, 'u', 'p', 'failed', 't', 't', 1, 1)`, id);
  const insert = "insert into transitions (session_id, seq, at, to_status, who) values ($1, $2, $3, 'failed', 'w')";
  sql.run(insert, 'b', 0, '2026-01-01T00:00:01.000Z');
  sql.run(insert, 'a', 0, '2026-01-01T00:00:02.000Z');
  sql.run(insert, 'b', 1, '2026-01-01T00:00:03.000Z');
  migrate(sql);
  const events = createEventTable(sql);
  assert.equal(
    events.after(0, 10).map(({ id, sessionId }) => [id, sessionId]),
    [
      [1, 'b'],
      [2, 'a'],
      [3, 'b'],
    ],
  );
  createSessionTable(sql).move('a', { to: 'stopped', at: 't', who: 'w' });
  assert.is(events.last(), 4);
});

test('all or nothing: what an act did before it threw is undone', () => {
  const sql = open();
  migrate(sql, [ONE]);
  assert.throws(() =>
    sql.atomically(() => {
      sql.run('insert into a (id) values ($1)', 1);
      throw new Error('stop');
    }),
  );
  assert.equal(sql.all('select * from a'), []);
});

test.run();
