import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { createMachineTable } from '../../src/store/machines.ts';
import { migrate } from '../../src/store/migrate.ts';
import { Sql } from '../../src/store/sql.ts';

const test = suite('store on a full disk');

test('the row of a machine that is gone, and could not be removed, does not keep its slot', () => {
  const db = new DatabaseSync(':memory:');
  const sql = new Sql(db);
  migrate(sql);
  const machines = createMachineTable(sql);
  const row = { machineId: 'm-aaaaaaaaaaaa', sessionId: 's', slot: 0, runDir: '/x', driver: 'container' };
  machines.insert(row, 'then');
  sql.script("create trigger full before delete on machines begin select raise(abort, 'disk is full'); end");
  assert.throws(() => machines.remove(row.machineId), /disk is full/);
  assert.throws(() => machines.insert({ ...row, machineId: 'm-bbbbbbbbbbbb' }, 'now'), /disk is full/);
  sql.script('drop trigger full');
  machines.insert({ ...row, machineId: 'm-bbbbbbbbbbbb' }, 'now');
  assert.equal(
    machines.list().map(({ machineId }) => machineId),
    ['m-bbbbbbbbbbbb'],
  );
  sql.close();
});

test('what a failed statement has taken back by itself is not taken back again: its own error is told', () => {
  const sql = new Sql(new DatabaseSync(':memory:'));
  sql.script('create table once (id integer primary key)');
  const twice = () => {
    sql.run('insert into once values (1)');
    sql.run('insert or rollback into once values (1)');
  };
  assert.throws(() => sql.atomically(twice), /UNIQUE constraint failed/);
  assert.equal(sql.all('select * from once'), []);
  sql.atomically(() => sql.run('insert into once values (1)'));
  sql.close();
});

test.run();
