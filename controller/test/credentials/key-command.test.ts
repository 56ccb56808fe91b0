import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import { readMasterKeys } from '../../src/auth/master-keys.ts';
import { openVault } from '../../src/credentials/open-vault.ts';
import { openStore } from '../../src/store/store.ts';

const test = suite('key command');
const toLine = (id: string, fill: number) => `${id} ${Buffer.alloc(32, fill).toString('base64')}\n`;
const [OLD, NEW] = [toLine('old', 1), toLine('new', 2)];
const files = [{ path: '.x/auth.json', content: '{"token":"a refresh token"}' }];
let dir: string;

test.before(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-key-command-'))));
test.after(() => rmSync(dir, { recursive: true }));

const source = (...words: string[]) => ({ keyFile: join(dir, 'no-such-file'), keyCommand: ['/bin/sh', '-c', ...words] });

test('master keys are what a command says, and are kept in no file', async () => {
  const keys = await readMasterKeys(source(`printf '%s' "$0" "$1"`, NEW, OLD));
  assert.equal(
    keys.map(({ id, key }) => [id, key[0], key.length]),
    [
      ['new', 2, 32],
      ['old', 1, 32],
    ],
  );
  assert.is(existsSync(join(dir, 'no-such-file')), false);
});

test('a command that fails, or says no key, is told of, without anything that could be a key', async () => {
  for (const [words, why] of [
    [`echo "denied by the service" >&2; printf '%s' "$0" >&2; exit 3`, /KEY_COMMAND \/bin\/sh: exit code 3: denied by the service/],
    [`printf '%s' "$0" | tr ' ' ':'`, /KEY_COMMAND:1: a key is a name/],
    ['true', /KEY_COMMAND: there is no key in it/],
  ] as const) {
    const { stack = '' } = await readMasterKeys(source(words, OLD)).then(
      () => new Error('taken'),
      (error: Error) => error,
    );
    assert.match(stack, why);
    assert.not.match(stack, Buffer.alloc(32, 1).toString('base64').slice(0, 30));
  }
});

test('the command sees the controller’s environment, but none of Oriel’s own variables', async () => {
  Object.assign(process.env, { KMS_REGION: 'here', ORIEL_TEST_CANARY: 'seen' });
  const keys = await readMasterKeys(source(`printf '%s' "\${KMS_REGION}\${ORIEL_TEST_CANARY}$0"`, OLD));
  assert.is(keys[0]!.id, 'hereold');
});

test('a command that says a new key above the old one has all credentials put under it at the next start; the old one can go then', async () => {
  const store = openStore(join(dir, 'oriel.db'));
  const said: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line) as Record<string, unknown>) });
  const start = (text: string) => {
    writeFileSync(join(dir, 'keys'), text);
    return openVault({ ...source('cat "$0"', join(dir, 'keys')), keepMs: 60_000, once: false }, store.credentials, log);
  };
  const id = `s-${'a'.repeat(20)}`;
  const about = { owner: 'shop', userId: 'ann', provider: 'codex', display: { width: 1, height: 1 }, idempotencyKey: undefined };
  store.sessions.insert({ id, ...about, at: new Date().toISOString() });
  (await start(OLD)).keep(store.sessions.read(id)!, { files });
  await start(NEW + OLD);
  assert.equal([said.at(-1)!.key, said.at(-1)!.credentials], ['new', 1]);
  assert.equal((await start(NEW)).read(id).files, files);
  const old = await start(OLD);
  assert.throws(() => old.read(id), /sealed by the key new/);
  assert.match(String(said.at(-1)!.msg), /master key that is not among those/);
  store.close();
});

test.run();
