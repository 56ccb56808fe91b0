import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/store.ts';
import { Sql } from '../../src/store/sql.ts';
import { fill, toDump } from './schemas/make.ts';

/*
 * Every schema that there was, as a host out there has it: schemas/NNNN.sql, with rows in it. How to add the next one is told in
 * schemas/make.ts.
 */
const DUMPS = globSync(join(import.meta.dirname, 'schemas/[0-9]*.sql')).sort();

const test = suite('released schemas');
let dir = '';
const path = () => join(dir, 'oriel.db');

test.beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-schema-'))));
test.afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('there is a dump for each migration', () => {
  const missing = `run controller/test/store/schemas/make.ts and commit what it writes`;
  assert.equal(
    DUMPS.map((file) => Number(basename(file, '.sql'))),
    MIGRATIONS.map((_, index) => index + 1),
    missing,
  );
});

for (const file of DUMPS) {
  const name = basename(file);

  test(`${name}: each row is there after it was brought forward, and the schema is a new one's`, () => {
    const before = load(file);
    const rows = readRows(before);
    before.close();
    assert.ok(
      Object.values(rows).every((of) => of.length > 0),
      'a table has no row in the dump',
    );
    openStore(path()).close();
    const after = new DatabaseSync(path());
    for (const [table, old] of Object.entries(rows)) {
      const now = after.prepare(`select * from ${table}`).all();
      for (const row of old)
        assert.ok(
          now.some((one) => holds(one, row)),
          `${table} has lost ${JSON.stringify(row)}`,
        );
    }
    assert.equal(readSchema(after), readSchema(makeFresh()));
    after.close();
  });

  test(`${name}: a migration that fails half-way leaves all of it as it was`, () => {
    const db = load(file);
    const before = toDump(db);
    const broken = 'create table half (id integer); alter table sessions add column half text; delete from audit; this is no SQL';
    assert.throws(() => migrate(new Sql(db), [...MIGRATIONS.slice(0, Number(basename(file, '.sql'))), broken]));
    assert.is(toDump(db), before);
    // The positive control: it would show.
    assert.throws(() => db.exec(broken));
    assert.is.not(toDump(db), before);
    db.close();
  });
}

test('a dump has what the store has been told, to the letter', () => {
  const store = openStore(path());
  fill(store);
  const session = store.sessions.read(`s-${'a'.repeat(20)}`);
  store.close();
  const db = new DatabaseSync(path());
  const copy = new DatabaseSync(join(dir, 'copy.db'));
  copy.exec(toDump(db));
  db.close();
  copy.close();
  const again = openStore(join(dir, 'copy.db'));
  assert.equal(again.sessions.read(`s-${'a'.repeat(20)}`), session);
  again.close();
});

test.run();

function load(file: string): DatabaseSync {
  const db = new DatabaseSync(path());
  db.exec(readFileSync(file, 'utf8'));
  return db;
}

function makeFresh(): DatabaseSync {
  openStore(join(dir, 'fresh.db')).close();
  return new DatabaseSync(join(dir, 'fresh.db'));
}

function readSchema(db: DatabaseSync): string[] {
  const rows = db.prepare('select type, name, tbl_name, sql from sqlite_schema order by type, name').all();
  return rows.map((row) => JSON.stringify(row));
}

function readRows(db: DatabaseSync): Record<string, Record<string, unknown>[]> {
  const tables = db.prepare("select name from sqlite_schema where type = 'table'").all() as { name: string }[];
  return Object.fromEntries(tables.map(({ name }) => [name, db.prepare(`select * from ${name}`).all()]));
}

/** All that the old row said; a new column may say more. */
function holds(row: Record<string, unknown>, old: Record<string, unknown>): boolean {
  return Object.entries(old).every(([column, value]) => row[column] === value);
}
