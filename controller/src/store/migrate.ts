import { MIGRATIONS } from './migrations.ts';
import type { Sql } from './sql.ts';

/** Said for a database that a newer Oriel wrote: going back would lose what it keeps. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}

/** Brings the schema forward. Each migration happens wholly or not at all. Returns how many were needed. */
export function migrate(sql: Sql, migrations: readonly string[] = MIGRATIONS): number {
  sql.script('create table if not exists migrations (id integer primary key, at text not null)');
  const done = sql.one<{ n: number }>('select count(*) as n from migrations')!.n;
  if (done > migrations.length)
    throw new StoreTooNew(`the database has ${done} migrations, this Oriel knows ${migrations.length}: start the newer one`);
  migrations.slice(done).forEach((text, index) => apply(sql, done + index + 1, text));
  return migrations.length - done;
}

function apply(sql: Sql, id: number, text: string): void {
  sql.atomically(() => {
    sql.script(text);
    sql.run('insert into migrations (id, at) values ($1, $2)', id, new Date().toISOString());
  });
}
