import { suite, assert } from '#test/suite';
import { StoreBusy } from '../../src/store/errors.ts';
import { Later } from '../../src/store/later.ts';

const test = suite('writes that wait');

/** A database that can be held. */
function start() {
  const written: string[] = [];
  const said: string[] = [];
  const database = { isHeld: false };
  const later = new Later((_error, what, isLost) => said.push(`${what} ${isLost ? 'lost' : 'waits'}`));
  const write = (what: string) => () => {
    if (database.isHeld) throw new StoreBusy('/x', new Error('database is locked'));
    written.push(what);
  };
  return { written, said, database, later, write };
}

test('what can be written is written at once; the rest once it can be', () => {
  const { written, said, database, later, write } = start();
  assert.is(later.do('one', write('one')), true);
  database.isHeld = true;
  assert.is(later.do('two', write('two')), false);
  later.flush();
  assert.equal([written, later.size], [['one'], 1]);
  database.isHeld = false;
  assert.is(later.do('three', write('three')), true);
  later.flush();
  assert.equal([written, later.size], [['one', 'three', 'two'], 0]);
  assert.equal(said, ['two waits']);
});

test('what the database will never take is told, and does not keep the others waiting', () => {
  const { written, said, database, later, write } = start();
  const never = () => {
    write('never')();
    throw Object.assign(new Error('UNIQUE constraint failed'), { code: 'ERR_SQLITE_ERROR', errcode: 1555 });
  };
  assert.throws(() => later.do('never', never), /UNIQUE/);
  database.isHeld = true;
  later.do('never', never);
  later.do('two', write('two'));
  database.isHeld = false;
  later.flush();
  assert.equal([written.at(-1), said.at(-1), later.size], ['two', 'never lost', 0]);
});

test('closing tries once more', () => {
  const { written, database, later, write } = start();
  database.isHeld = true;
  later.do('one', write('one'));
  database.isHeld = false;
  later.close();
  assert.equal(written, ['one']);
});

test.run();
