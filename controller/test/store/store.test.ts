import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { openStore, StoreUnusable } from '../../src/store/store.ts';

const test = suite('store');
let dir = '';
const path = () => join(dir, 'oriel.db');

test.beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-store-'))));
test.afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ID = `s-${'a'.repeat(20)}`;
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const session = {
  id: ID,
  owner: 'product',
  userId: 'ann',
  provider: 'desktop',
  display: { width: 1280, height: 720 },
  idempotencyKey: 'key',
  at: at(0),
};

test('a session is read as it was written, also after the database was closed', () => {
  const first = openStore(path());
  first.sessions.insert(session);
  first.sessions.startPhase(ID, 'network', at(1));
  first.sessions.endPhase(ID, 'network', at(2), 1000);
  first.sessions.startPhase(ID, 'machine', at(2));
  first.sessions.setMachine(ID, { machineId: 'm-aaaaaaaaaaaa', driver: 'container', isolation: 'shared-kernel', image: 'ab' }, at(3));
  first.sessions.setGuest(ID, { services: [{ name: 'xorg', state: 'ready', sinceMs: 1, restarts: 0 }], marks: { x: 1 } }, at(4));
  first.sessions.move(ID, { to: 'failed', at: at(5), who: 'test', reason: { code: 'c', message: 'm' } });
  const expected = {
    sessionId: ID,
    userId: 'ann',
    provider: 'desktop',
    status: 'failed',
    createdAt: at(0),
    updatedAt: at(5),
    reason: { code: 'c', message: 'm' },
    phases: [
      { name: 'network', startedAt: at(1), endedAt: at(2), ms: 1000 },
      { name: 'machine', startedAt: at(2) },
    ],
    image: 'ab',
    machine: { machineId: 'm-aaaaaaaaaaaa', driver: 'container', isolation: 'shared-kernel' },
    display: { width: 1280, height: 720 },
    marks: { x: 1 },
    services: [{ name: 'xorg', state: 'ready', sinceMs: 1, restarts: 0 }],
  };
  assert.equal(first.sessions.read(ID), expected);
  first.close();
  const second = openStore(path());
  assert.equal(second.sessions.read(ID), expected);
  assert.equal(second.sessions.findByKey('key')?.sessionId, ID);
  assert.equal(second.sessions.list(['failed']), [ID]);
  assert.equal(second.sessions.countByStatus(), { failed: 1 });
  second.close();
});

test('one Idempotency-Key is one session; many sessions have none', () => {
  const store = openStore(path());
  store.sessions.insert(session);
  assert.throws(() => store.sessions.insert({ ...session, id: `s-${'b'.repeat(20)}` }));
  for (const letter of ['c', 'd']) store.sessions.insert({ ...session, id: `s-${letter.repeat(20)}`, idempotencyKey: undefined });
  store.close();
});

test('a slot holds one machine', () => {
  const store = openStore(path());
  const row = { machineId: 'm-aaaaaaaaaaaa', sessionId: ID, slot: 0, runDir: '/x', driver: 'container' };
  store.machines.insert(row, at(0));
  assert.throws(() => store.machines.insert({ ...row, machineId: 'm-bbbbbbbbbbbb' }, at(0)));
  store.machines.move(row.machineId, { to: 'started', at: at(1), who: 'controller' }, { pid: 7, startTime: 123456789012 });
  store.machines.move(row.machineId, { to: 'running', at: at(2), who: 'guest', why: 'said hello' }, { secretHash: 'h' });
  const known = { state: 'running' as const, createdAt: at(0), isGated: false, pid: 7, startTime: 123456789012, secretHash: 'h' };
  assert.equal(store.machines.list(), [{ ...row, ...known }]);
  assert.equal(store.machines.places(), [{ machineId: row.machineId, slot: row.slot }]);
  store.machines.remove(row.machineId);
  assert.equal(store.machines.list(), []);
  store.close();
});

test('a machine of the pool is of no session until one claims it, which one does', () => {
  const store = openStore(path());
  store.sessions.insert(session);
  const row = { machineId: 'm-aaaaaaaaaaaa', warmKey: 'k', slot: 0, runDir: '/x', driver: 'container' };
  store.machines.insert(row, at(0));
  const claim = (sessionId: string) => store.machines.claim(row.machineId, sessionId, at(9), { at: at(2), who: 'controller' });
  assert.not(claim(ID), 'it does not run');
  store.machines.move(row.machineId, { to: 'running', at: at(1), who: 'guest' });
  assert.is(store.machines.read(row.machineId)?.sessionId, undefined);
  assert.ok(claim(ID));
  assert.not(claim(`s-${'b'.repeat(20)}`));
  const { sessionId, warmKey, endsAt } = store.machines.read(row.machineId)!;
  assert.equal([sessionId, warmKey, endsAt], [ID, 'k', at(9)]);
  store.close();
});

test('a key is found by its hash until it expires', () => {
  const store = openStore(path());
  store.keys.insert({ id: 'k1', name: 'product', owner: 'product', scopes: ['read'], hash: 'h1', expiresAt: at(5) }, at(0));
  assert.is(store.keys.find('h1', at(4))?.name, 'product');
  assert.is(store.keys.find('h1', at(6)), undefined);
  assert.is(store.keys.find('h2', at(4)), undefined);
  store.close();
});

test('the audit tells who did what, in order', () => {
  const store = openStore(path());
  store.audit.append({ who: 'key:a', action: 'start', sessionId: ID }, at(1));
  store.audit.append({ who: 'key:b', action: 'stop', sessionId: ID }, at(2));
  assert.equal(
    store.audit.list(ID).map(({ who, action }) => `${who} ${action}`),
    ['key:a start', 'key:b stop'],
  );
  store.close();
});

test('a damaged file is reported and left as it is', () => {
  writeFileSync(path(), 'this is no database, but someone may still want it');
  assert.throws(
    () => openStore(path()),
    (error: unknown) => error instanceof StoreUnusable && /oriel\.db cannot be used/.test((error as Error).message),
  );
  assert.match(readFileSync(path(), 'utf8'), /someone may still want it/);
});

test('the database can say that it can be written', () => {
  const store = openStore(path());
  assert.is(store.isWritable(), true);
  store.close();
  assert.is(store.isWritable(), false);
});

test('only its owner reads it, its log included, also one that was open to others', () => {
  openStore(path()).close();
  chmodSync(path(), 0o644);
  const store = openStore(path());
  store.sessions.insert(session);
  const modes = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o777]);
  assert.equal(modes.sort(), [
    ['oriel.db', 0o600],
    ['oriel.db-shm', 0o600],
    ['oriel.db-wal', 0o600],
  ]);
  store.close();
});

test.run();
