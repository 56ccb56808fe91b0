import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '#contract/session';
import { suite, assert } from '#test/suite';
import { createEnvelope } from '../../src/auth/envelope.ts';
import { Vault, type VaultOptions } from '../../src/credentials/vault.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const test = suite('vault');
const SECRET = 'canary-'.repeat(6);
const files = [{ path: '.x/auth.json', content: JSON.stringify({ token: SECRET }) }];
let dir: string;
let store: Store;
let count = 0;

test.before(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-vault-'));
  store = openStore(join(dir, 'oriel.db'));
});
test.after(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

function open(options: Partial<VaultOptions> = {}, keys = [{ id: 'k1', key: new Uint8Array(32) }]): Vault {
  return new Vault({ table: store.credentials, envelope: createEnvelope(keys), keepMs: 1000, once: false, ...options });
}

function session(userId: string, provider = 'codex', owner = 'shop'): Session {
  const id = `s-${String(++count)
    .padStart(20, 'a')
    .replace(/\d/g, (digit) => 'bcdefghijk'[Number(digit)]!)}`;
  store.sessions.insert({
    id,
    owner,
    userId,
    provider,
    display: { width: 1, height: 1 },
    idempotencyKey: undefined,
    at: new Date().toISOString(),
  });
  return store.sessions.read(id)!;
}

test('what was kept is read as it was, by its session, until its time is over; kept twice, the first stays', () => {
  let now = 1_000_000;
  const vault = open({ now: () => now });
  const ann = session('ann');
  assert.is(vault.keep(ann, { files }), true);
  assert.is(vault.keep(ann, { files: [{ path: '.x/auth.json', content: '{"token":"second"}' }] }), false);
  assert.equal(vault.read(ann.sessionId).files, files);
  assert.equal(vault.read(ann.sessionId).files, files, 'and again');
  now += 1001;
  assert.throws(() => vault.read(ann.sessionId), /no credentials/);
  assert.is(vault.has(ann.sessionId), false);
});

test('what can be read once is gone then, also for a session that would be given it back', () => {
  const vault = open({ once: true });
  const bob = session('bob');
  vault.keep(bob, { files });
  assert.is(vault.hasFor({ owner: 'shop', userId: 'bob', provider: 'codex' }), true);
  assert.equal(vault.read(bob.sessionId).files, files);
  assert.throws(() => vault.read(bob.sessionId), /no credentials/);
  assert.throws(() => vault.readFor({ owner: 'shop', userId: 'bob', provider: 'codex' }), /could be given back/);
});

test('a user is given back the newest of his own, of this provider, and nobody else’s', () => {
  let now = Date.now();
  const vault = open({ now: () => now });
  vault.keep(session('cay'), { files });
  now += 1;
  const newer = [{ path: '.x/auth.json', content: '{"token":"newer"}' }];
  vault.keep(session('cay'), { files: newer });
  vault.keep(session('dan', 'claude_code'), { files });
  assert.throws(() => vault.readFor({ owner: 'other', userId: 'cay', provider: 'codex' }), /could be given back/);
  assert.is(vault.hasFor({ owner: 'other', userId: 'cay', provider: 'codex' }), false, 'another owner’s user of the same name');
  assert.equal(vault.readFor({ owner: 'shop', userId: 'cay', provider: 'codex' }).files, newer);
  assert.throws(() => vault.readFor({ owner: 'shop', userId: 'dan', provider: 'codex' }));
  assert.throws(() => vault.readFor({ owner: 'shop', userId: 'cay', provider: 'claude_code' }));
});

test('nothing of it is in the database’s files, in plain, base64 or hex; and the search finds what is', () => {
  const vault = open();
  vault.keep(session('eve-the-canary'), { files });
  const bytes = ['oriel.db', 'oriel.db-wal'].map((name) => readFileSync(join(dir, name), 'latin1')).join();
  assert.ok(bytes.includes('eve-the-canary'));
  for (const form of ['latin1', 'base64', 'base64url', 'hex'] as const)
    assert.not.ok(bytes.includes(Buffer.from(SECRET).toString(form).slice(0, 30)), form);
});

test('after a change of the master key all is under the new one; what no key opens is counted, and told so', () => {
  const fay = session('fay');
  open().keep(fay, { files });
  const [first, second] = [
    { id: 'k1', key: new Uint8Array(32) },
    { id: 'k2', key: new Uint8Array(32).fill(2) },
  ];
  assert.is(open({}, [second, first]).rewrap('k2').lost, 0);
  assert.equal(open({}, [second]).read(fay.sessionId).files, files);
  assert.throws(() => open({}, [first]).read(fay.sessionId), /sealed by the key k2/);
  assert.ok(open({}, [first]).rewrap('k1').lost > 0);
});

test.run();
