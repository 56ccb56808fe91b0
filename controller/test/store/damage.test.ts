import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { openStore, StoreUnusable } from '../../src/store/store.ts';
import { fill } from './schemas/make.ts';

const test = suite('damaged store');
const PAGE = 4096;
let dir = '';
const path = () => join(dir, 'oriel.db');

test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-damage-'));
  const store = openStore(join(dir, 'live.db'));
  fill(store);
  // As a controller that was killed leaves it: the last transactions are in the log.
  for (const end of ['', '-wal']) copyFileSync(join(dir, `live.db${end}`), `${path()}${end}`);
  store.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `live.db${end}`), { force: true });
});
test.afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Database and log, byte for byte; SQLite makes an empty log to look. */
const read = () =>
  ['', '-wal'].map((end) =>
    (existsSync(`${path()}${end}`) ? createHash('sha256').update(readFileSync(`${path()}${end}`)) : createHash('sha256')).digest('hex'),
  );

function overwrite(file: string, at: number, bytes: Buffer): void {
  const content = readFileSync(file);
  bytes.copy(content, at);
  writeFileSync(file, content);
}

/** Moves the log into the file. */
function checkpoint(): void {
  const db = new DatabaseSync(path());
  db.exec('pragma wal_checkpoint(truncate)');
  db.close();
}

test('what a killed controller left is whole: the control of all below', () => {
  const store = openStore(path());
  assert.is(store.sessions.read(`s-${'a'.repeat(20)}`)?.status, 'failed');
  store.close();
});

for (const [what, damage, says] of [
  ['a file that is no database', () => writeFileSync(path(), 'x'.repeat(9000)), /not a database/],
  ['a head of garbage', () => overwrite(path(), 0, Buffer.from('garbage garbage ')), /not a database/],
  ['a file that was emptied', () => truncateSync(path(), 0), /it is empty/],
  ['a file that lost its end', () => (checkpoint(), truncateSync(path(), 5 * PAGE)), /malformed|page|Page/],
  ['a file cut within a page', () => (checkpoint(), truncateSync(path(), 7 * PAGE + 100)), /malformed|page|Page/],
  ['a page of garbage', () => (checkpoint(), overwrite(path(), 3 * PAGE, Buffer.alloc(PAGE, 0xa5))), /malformed|page|Page/],
  ['a file that is gone, with its log left', () => rmSync(path()), /its log .* is there, but the file itself is not/],
  ['a log of garbage', () => writeFileSync(`${path()}-wal`, Buffer.alloc(20_000, 0x5a)), /its log .* does not begin as one/],
  ['a log with a damaged head', () => overwrite(`${path()}-wal`, 16, Buffer.from('salt')), /the head of its log .* is damaged/],
] as const) {
  test(`${what} is reported with path and advice, and left as it is`, () => {
    damage();
    const before = read();
    assert.throws(
      () => openStore(path()),
      (error: Error) =>
        error instanceof StoreUnusable &&
        error.message.includes(path()) &&
        /Restore a backup/.test(error.message) &&
        says.test(error.message),
    );
    assert.equal(read(), before);
    assert.ok(!readdirSync(dir).includes('oriel.db.new'));
  });
}

test('a transaction that was being written as the power went is not taken for damage', () => {
  const whole = readFileSync(`${path()}-wal`);
  const frame = Buffer.from(whole.subarray(-(24 + PAGE)));
  frame[100]! ^= 1;
  appendFileSync(`${path()}-wal`, frame);
  appendFileSync(`${path()}-wal`, 'torn');
  const store = openStore(path());
  assert.is(store.audit.list(`s-${'a'.repeat(20)}`).length, 1);
  store.close();
});

test('a crash while the first database was made is none: it is made again', () => {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path()}${end}`, { force: true });
  writeFileSync(`${path()}.new`, 'half');
  openStore(path()).close();
  assert.equal(readdirSync(dir), ['oriel.db']);
});

test('a database that another process holds is not called damaged', () => {
  const other = new DatabaseSync(path());
  other.exec('pragma locking_mode = exclusive; begin exclusive');
  assert.throws(() => openStore(path()), /is held by another process: end that first/);
  other.close();
});

test.run();
