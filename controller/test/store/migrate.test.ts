import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
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
