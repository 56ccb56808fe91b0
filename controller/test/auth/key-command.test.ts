import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import { toHash } from '../../src/auth/hash.ts';
import { runKeyCommand } from '../../src/auth/key-command.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const test = suite('key command');
const DAY = 86_400_000;
let dir: string;
let store: Store;

test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-keys-'));
  store = openStore(join(dir, 'oriel.db'));
});
test.afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

const key = (line: string, now?: number) => runKeyCommand(line.split(' ').filter(Boolean), store, 'shell:test', now);
const holderOf = (secret: string) => createApiKeys(store.keys, 'start-up').verify(secret.trim());

test('a key is shown once, has a prefix that scanners know, and what is kept of it is its hash', () => {
  const { out, note } = key('create product --scopes start,read');
  assert.match(out, /^oriel_key_[A-Za-z0-9_-]{43}\n$/);
  const { id, name, owner, scopes } = holderOf(out)!;
  assert.equal([name, owner, [...scopes]], ['product', 'product', ['start', 'read']]);
  assert.match(note, id);
  const kept = JSON.stringify([store.keys.list(), store.audit.newest(10), key('list --all'), note]);
  assert.not.match(kept, out.trim().slice(10));
  assert.ok(store.keys.find(toHash(out.trim()), new Date().toISOString()), 'and the search would find it');
});

test('it expires when it was said to', () => {
  const { out } = key('create product --expires 30d', Date.now() - 31 * DAY);
  assert.is(holderOf(out), undefined);
  assert.ok(holderOf(key('create young --expires 30d', Date.now() - 29 * DAY).out));
  assert.is(holderOf(key('create eternal --expires never').out)?.name, 'eternal');
});

test('rotated, the old one is good for the grace, the new one has all that it had', () => {
  const old = key('create product --owner shop --scopes read,operate').out;
  const fresh = key('rotate product --grace 1h').out;
  assert.is.not(fresh, old);
  const [before, after] = [holderOf(old)!, holderOf(fresh)!];
  assert.equal([after.name, after.owner, [...after.scopes]], ['product', 'shop', ['read', 'operate']]);
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  assert.equal(
    [0.9, 1.1].map((hours) => store.keys.isGood(before.id, inHours(hours))),
    [true, false],
  );
  assert.ok(store.keys.isGood(after.id, inHours(80 * 24)));
});

test('revoked, a key and what it was rotated to are none at once', () => {
  const keys = createApiKeys(store.keys, 'start-up');
  const secrets = [key('create product').out, key('rotate product').out].map((out) => out.trim());
  assert.equal(
    secrets.map((secret) => keys.verify(secret)?.name),
    ['product', 'product'],
  );
  key('revoke product');
  assert.equal(
    secrets.map((secret) => keys.verify(secret)),
    [undefined, undefined],
  );
  assert.match(key('list').out, /^ID +NAME[^\n]*\n$/);
  assert.match(key('list --all').out, /revoked 2/);
  assert.ok(key('create product').out, 'the name is free again');
});

test('one of two is revoked by its id', () => {
  const old = key('create product').out;
  const fresh = key('rotate product').out;
  key(`revoke ${holderOf(old)!.id}`);
  assert.equal([holderOf(old), holderOf(fresh)?.name], [undefined, 'product']);
});

test('each change is in the audit, by whom and of what', () => {
  key('create product --scopes read --expires never');
  key('rotate product');
  key('revoke product');
  const rows = store.audit.newest(10).map(({ who, action }) => `${who} ${action}`);
  assert.equal(rows.sort(), ['shell:test key created', 'shell:test key revoked', 'shell:test key revoked', 'shell:test key rotated']);
});

test('when a key was last used is written down, once a minute at most', () => {
  const { out } = key('create product');
  const writes: string[] = [];
  const keys = createApiKeys({ ...store.keys, used: (id, at) => (writes.push(id), store.keys.used(id, at)) }, 'start-up');
  for (let count = 0; count < 5; count++) keys.verify(out.trim());
  assert.is(writes.length, 1);
  assert.ok(Date.now() - Date.parse(store.keys.list()[0]!.usedAt!) < 10_000);
  assert.match(key('list').out, store.keys.list()[0]!.usedAt!);
});

for (const [line, said] of [
  ['', /usage: key create/],
  ['make product', /usage: key create/],
  ['create', /usage: key create/],
  ['create product now', /usage: key create/],
  ['create product --colour red', /Unknown option '--colour'[^]*usage/],
  ['create Product', /"Product" is no name: a to z/],
  ['create a/b', /is no name/],
  ['create product --owner _', /"_" is no name/],
  ['create product --scopes read,root', /--scopes: "root": there are start, read, control, credentials, operate/],
  ['create product --scopes ,', /--scopes/],
  ['create product --expires soon', /--expires: "soon" is not like 30m, 24h or 90d/],
  ['create product --expires 99999d', /ten years at most/],
  ['create taken', /there is a key taken: rotate or revoke it/],
  ['rotate nobody', /there is no key "nobody" that is good/],
  ['rotate taken --grace x', /--grace: "x"/],
  ['revoke nobody', /there is no key "nobody" that is good/],
] as const) {
  test(`\`key ${line}\` changes nothing and says what would be right`, () => {
    key('create taken');
    const before = JSON.stringify(store.keys.list());
    assert.throws(() => key(line), said);
    assert.is(JSON.stringify(store.keys.list()), before);
  });
}

test.run();
