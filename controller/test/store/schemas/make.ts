/*
 * Writes the next file beside this one: the schema that this code makes, with rows in every table, as SQL. Run it once after a migration
 * was added, and commit what it writes:
 *
 *     node controller/test/store/schemas/make.ts
 *
 * A file that is committed is never written again: it is what a host out there has. Rows of a new table come from `fill`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import { openStore, type Store } from '../../../src/store/store.ts';

const ID = `s-${'a'.repeat(20)}`;
const OPEN = `s-${'b'.repeat(20)}`;
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;

/** At least one row in each table, with everything that can be set. */
export function fill({ sessions, machines, audit, keys, viewers, credentials, deliveries }: Store): void {
  const session = {
    id: ID,
    owner: 'product',
    userId: 'ann',
    provider: 'desktop',
    display: { width: 1280, height: 720 },
    idempotencyKey: 'key:a one',
    restore: true,
    at: at(0),
    born: { bootId: 'b', ms: 123_456 },
  };
  sessions.insert(session);
  sessions.insert({ ...session, id: OPEN, userId: 'bob', idempotencyKey: undefined });
  sessions.startPhase(ID, 'network', at(1));
  sessions.endPhase(ID, 'network', at(2), 1000);
  sessions.startPhase(ID, 'machine', at(2));
  sessions.setMachine(ID, { machineId: 'm-aaaaaaaaaaaa', driver: 'container', isolation: 'shared-kernel', image: 'ab'.repeat(32) }, at(3));
  sessions.setGuest(ID, { services: [{ name: 'xorg', state: 'ready', sinceMs: 1, restarts: 0 }], marks: { x: 1 } }, at(4));
  sessions.move(ID, { to: 'failed', at: at(5), who: 'controller', reason: { code: 'machine_exited', message: "it's gone\nlast line" } });
  sessions.saveConsole(ID, "a console's\nlast line\n", at(6));
  machines.insert({ machineId: 'm-bbbbbbbbbbbb', sessionId: OPEN, slot: 3, runDir: '/var/lib/oriel/machines/m', driver: 'qemu' }, at(7));
  const facts = { pid: 4242, startTime: 123_456_789_012, secretHash: 'd'.repeat(64), vncSecretSealed: 'sealed' };
  machines.move('m-bbbbbbbbbbbb', { to: 'running', at: at(8), who: 'guest', why: 'said hello' }, facts);
  const sealed = { keyId: 'k1', dataKey: 'data key', sealed: 'sealed', storedAt: at(5), expiresAt: at(9) };
  credentials.insert({ sessionId: ID, userId: 'ann', provider: 'codex', ...sealed });
  audit.append({ who: 'key:a', action: 'start', sessionId: ID, detail: 'x' }, at(0));
  deliveries.owe(['https://receiver.example/hook']);
  sessions.move(OPEN, { to: 'vm_creating', at: at(8), who: 'controller' });
  deliveries.fill('https://receiver.example/hook', ({ id }) => JSON.stringify({ id }), at(8));
  keys.insert({ id: 'k1', name: 'a', owner: 'product', scopes: ['start', 'read'], hash: 'c'.repeat(64), expiresAt: at(9) }, at(0));
  keys.used('k1', at(1));
  keys.revoke(['k1'], at(2));
  viewers.insert(ID, { peerId: 'p-aaaaaaaaaaaa', role: 'view', createdAt: at(1), createdBy: 'key:a', expiresAt: at(3) });
  viewers.renewed('p-aaaaaaaaaaaa', at(4));
  viewers.revoke(ID, 'p-aaaaaaaaaaaa', at(2));
}

/** A database as SQL that makes it again. */
export function toDump(db: DatabaseSync): string {
  const made = db.prepare('select name, type, sql from sqlite_schema where sql is not null order by rowid').all() as unknown as Made[];
  const tables = made.filter(({ type }) => type === 'table').map(({ name }) => name);
  return [...made.map(({ sql }) => `${sql};`), ...tables.flatMap((name) => toInserts(db, name))].join('\n');
}

interface Made {
  name: string;
  type: string;
  sql: string;
}

function toInserts(db: DatabaseSync, table: string): string[] {
  const rows = db.prepare(`select * from ${table}`).all();
  return rows.map(
    (row) => `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).map(toLiteral).join(', ')});`,
  );
}

function toLiteral(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-schema-'));
  const store = openStore(join(dir, 'oriel.db'));
  fill(store);
  store.close();
  const db = new DatabaseSync(join(dir, 'oriel.db'));
  const file = join(import.meta.dirname, `${String(MIGRATIONS.length).padStart(4, '0')}.sql`);
  writeFileSync(file, `${toDump(db)}\n`, { flag: 'wx' });
  db.close();
  rmSync(dir, { recursive: true });
  process.stdout.write(`written: ${file}\n`);
}
