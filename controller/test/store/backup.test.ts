import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { backUp, BackupFailed } from '../../src/store/backup.ts';
import { openStore } from '../../src/store/store.ts';
import { fill } from './schemas/make.ts';

const test = suite('backup', { timeoutMs: 30_000 });
const MAIN = join(import.meta.dirname, '../../src/main.ts');
const ID = `s-${'a'.repeat(20)}`;
let dir = '';
const path = () => join(dir, 'oriel.db');
const file = () => join(dir, 'copies.db');

test.beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-backup-'))));
test.afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a copy has what the store has at that moment, what is only in its log included; for its owner alone, one file', async () => {
  const store = openStore(path());
  fill(store);
  await backUp(path(), file());
  store.sessions.saveConsole(ID, 'later', '2026-01-01T00:00:09.000Z');
  assert.is(statSync(file()).mode & 0o777, 0o600);
  assert.equal(readdirSync(dir).sort(), ['copies.db', 'oriel.db', 'oriel.db-shm', 'oriel.db-wal']);
  const expected = store.sessions.read(ID);
  store.close();
  const copy = openStore(file());
  assert.equal(copy.sessions.read(ID), expected);
  assert.is(copy.sessions.readConsole(ID), "a console's\nlast line\n");
  copy.close();
});

test('under writes without a pause it comes to an end, whole, and the writer is not stopped', async () => {
  const writer = fork(join(import.meta.dirname, 'backup-child.ts'), [path()], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  writer.stdout!.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const count = () => Number(said.split('\n').at(-2) ?? -1);
  while (count() < 50) await once(writer.stdout!, 'data');
  const before = count();
  await backUp(path(), file());
  const after = count();
  while (count() < after + 20) await once(writer.stdout!, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'close');
  const copy = new DatabaseSync(file(), { readOnly: true });
  const { n } = copy.prepare('select count(*) as n from sessions').get() as { n: number };
  copy.close();
  assert.ok(n > before, `${n} rows, ${before} were there before`);
});

test('a file that is there already is refused and left alone, and nothing else is left', async () => {
  openStore(path()).close();
  writeFileSync(file(), 'yesterday');
  const error = await backUp(path(), file()).catch((reason: Error) => reason);
  assert.instance(error, BackupFailed);
  assert.match((error as Error).message, /copies\.db is there already: name a file that is not/);
  assert.is(readFileSync(file(), 'utf8'), 'yesterday');
  assert.equal(readdirSync(dir).sort(), ['copies.db', 'oriel.db']);
});

test('a damaged database gives no backup: the copy is checked before it has its name', async () => {
  openStore(path()).close();
  const content = readFileSync(path());
  content.fill(0xa5, 3 * 4096, 4 * 4096);
  writeFileSync(path(), content);
  const error = await backUp(path(), file()).catch((reason: Error) => reason);
  assert.match((error as Error).message, /no backup was made/);
  assert.equal(
    readdirSync(dir).filter((name) => !name.startsWith('oriel.db')),
    [],
  );
});

test('the verb: says where it is, and what is wrong', async () => {
  const store = openStore(path());
  fill(store);
  const [good, unnamed, none] = await Promise.all([
    run(['backup', file()]),
    run(['backup']),
    run(['backup', join(dir, 'x.db')], join(dir, 'nowhere')),
  ]);
  assert.equal([good.code, good.out], [0, `the database is copied to ${file()}\n`]);
  assert.is(unnamed.code, 2);
  assert.match(none.err, /there is no database .*nowhere\/oriel\.db: ORIEL_DATA_DIR names its directory/);
  assert.not(existsSync(join(dir, 'x.db')));
  store.close();
});

test.run();

async function run(args: string[], dataDir = dir): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env.PATH, ORIEL_DATA_DIR: dataDir },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => void (out += text));
  child.stderr.on('data', (text: Buffer) => void (err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}
