import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { pruneAll } from '../../src/process/pruning.ts';
import { openStore } from '../../src/store/store.ts';

const test = suite('old records');
const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00.000Z');
const at = (days: number) => new Date(NOW - days * DAY_MS).toISOString();
const log = { info: () => undefined, warn: () => undefined };
const never = new AbortController().signal;
const base = { owner: 'product', userId: 'ann', provider: 'desktop', display: { width: 1280, height: 720 } };

test('what is over for longer than it is kept goes with all that hangs on it; the rest stays', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-prune-'));
  const path = join(dir, 'oriel.db');
  const store = openStore(path);
  for (const [id, days, to] of [
    ['old', 31, 'stopped'],
    ['young', 29, 'stopped'],
    ['open', 100, 'vm_creating'],
    ['held', 100, 'failed'],
  ] as const) {
    store.sessions.insert({ ...base, id, idempotencyKey: `key:a ${id}`, at: at(days) });
    store.sessions.startPhase(id, 'network', at(days));
    store.sessions.saveConsole(id, 'words', at(days));
    store.sessions.move(id, { to, at: at(days), who: 'test' });
  }
  store.machines.insert({ machineId: 'm', sessionId: 'held', slot: 0, runDir: '/x', driver: 'container' }, at(100));
  store.audit.append({ who: 'key:a', action: 'start', sessionId: 'old' }, at(31));
  store.audit.append({ who: 'key:a', action: 'start', sessionId: 'older' }, at(366));
  const sealed = { userId: 'ann', provider: 'codex', keyId: 'k1', dataKey: 'd', sealed: 's', storedAt: at(2) };
  store.credentials.insert({ ...sealed, sessionId: 'young', expiresAt: at(1) });
  store.credentials.insert({ ...sealed, sessionId: 'open', expiresAt: at(-1) });

  await pruneAll({ store, keepDays: { sessions: 30, audit: 365 }, log }, never, NOW);
  const left = ['old', 'young', 'open', 'held'].filter((id) => store.sessions.read(id));
  assert.equal(left, ['young', 'open', 'held']);
  assert.equal([store.audit.list('old').length, store.audit.list('older').length], [1, 0]);
  assert.is(store.sessions.findByKey('key:a old'), undefined, 'its key is free again');
  store.sessions.insert({ ...base, id: 'new', idempotencyKey: 'key:a old', at: at(0) });
  store.close();

  const db = new DatabaseSync(path);
  assert.equal(
    db
      .prepare('select session_id from credentials')
      .all()
      .map((row) => row.session_id),
    ['open'],
    'credentials that were to be kept until before now',
  );
  for (const table of ['phases', 'transitions', 'consoles'])
    assert.equal(db.prepare(`select count(*) as n from ${table} where session_id = 'old'`).get()!.n, 0, table);
  db.close();
  rmSync(dir, { recursive: true });
});

test('more than fits in a batch goes, too; what cannot be removed is told, not thrown', async () => {
  const asked: number[] = [];
  const batches = [200, 200, 7, 0];
  const store = { prune: () => ({ sessions: asked.push(1) && batches.shift()!, audit: 0, credentials: 0 }) };
  const said: unknown[] = [];
  const keepDays = { sessions: 30, audit: 365 };
  await pruneAll({ store, keepDays, log: { ...log, info: (fields: unknown) => void said.push(fields) } }, never);
  assert.equal([asked.length, said], [4, [{ sessions: 407, audit: 0, credentials: 0 }]]);
  const broken = { prune: () => Promise.reject(new Error('unused')) as never };
  broken.prune = () => {
    throw new Error('disk I/O error');
  };
  await pruneAll({ store: broken, keepDays, log: { ...log, warn: (fields: unknown) => void said.push(fields) } }, never);
  assert.is(said.length, 2);
});

test.run();
