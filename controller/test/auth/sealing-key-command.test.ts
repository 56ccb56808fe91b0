import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readMasterKeys } from '../../src/auth/master-keys.ts';
import { runSealingKeyCommand, SealingKeyInvalid } from '../../src/auth/sealing-key-command.ts';
import type { AuditEntry } from '../../src/store/audit.ts';
import type { StoredCredentials } from '../../src/store/credentials.ts';

const test = suite('sealing key command');
let dir = '';
let keyFile = '';
let audit: AuditEntry[] = [];
/** Key that each stored secret is under. */
let sealedBy: string[] = [];
let ageMs: number | undefined;

test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-sealing-'));
  keyFile = join(dir, 'credentials.keys');
  [audit, sealedBy, ageMs] = [[], [], undefined];
});
test.afterEach(() => rmSync(dir, { recursive: true }));

function run(line: string, keyCommand?: string[]): Promise<string> {
  const sealedOtherwise = (newest: string) => sealedBy.filter((keyId) => keyId !== newest).map((keyId) => ({ keyId }) as StoredCredentials);
  const store = { credentials: { sealedOtherwise }, audit: { append: (entry: AuditEntry) => void audit.push(entry) } };
  const source = { keyFile, keyCommand };
  return runSealingKeyCommand(line.split(' '), { source, store, who: 'shell:test', readControllerAgeMs: async () => ageMs });
}

const fails = (line: string, keyCommand?: string[]) =>
  run(line, keyCommand).then(
    () => 'nothing failed',
    (error: Error) => (error instanceof SealingKeyInvalid ? error.message : `${error.stack}`),
  );

/** As if the newest had been added so long ago. */
function age(seconds: number): void {
  const at = Date.now() / 1000 - seconds;
  utimesSync(keyFile, at, at);
}

test('a new key is above the old ones, which still open what they sealed; nothing of a key is shown', async () => {
  assert.is(await run('list'), 'k1\n');
  const [before] = await readMasterKeys({ keyFile });
  const said = await run('rotate');
  assert.match(said, /^k2 is the newest sealing key: restart the controller, then drop k1\n$/);
  const [newest, old] = await readMasterKeys({ keyFile });
  assert.equal([newest!.id, old], ['k2', before]);
  assert.not.equal(newest!.key, before!.key);
  assert.is(statSync(keyFile).mode & 0o777, 0o600);
  assert.match(readFileSync(keyFile, 'utf8'), /^# Seals/m);
  assert.is(await run('list'), 'k2\nk1\n');
  const shown = said + JSON.stringify(audit);
  for (const { key } of [newest!, old!]) assert.not.ok(shown.includes(Buffer.from(key).toString('base64')));
});

test('an old one goes when nothing is sealed by it, and the newest never', async () => {
  await run('list');
  for (let times = 0; times < 2; times++) await run('rotate');
  sealedBy = ['k3', 'k1', 'k1'];
  assert.match(await fails('drop k1'), /2 credentials are sealed by k1, and would be lost/);
  assert.match(await fails('drop k3'), /k3 is the newest/);
  assert.match(await fails('drop k9'), /there is no old sealing key "k9": there are k2, k1/);
  await run('drop k2');
  sealedBy = [];
  await run('drop k1');
  assert.is(await run('list'), 'k3\n');
  assert.equal(
    audit.map(({ action, detail }) => `${action} ${detail}`),
    ['sealing key rotated k2 after k1', 'sealing key rotated k3 after k2', 'sealing key dropped k2', 'sealing key dropped k1'],
  );
});

test('a controller that runs since before the key was there seals with the old one, which stays', async () => {
  await run('list');
  for (let times = 0; times < 2; times++) await run('rotate');
  age(60);
  ageMs = 90_000;
  assert.match(await fails('drop k1'), /restart it first/);
  ageMs = 30_000;
  await run('drop k1');
  await run('drop k2');
});

test('keys that a command gives are changed where it has them', async () => {
  assert.match(await fails('rotate', ['true']), /ORIEL_CREDENTIALS_KEY_COMMAND/);
});

for (const line of ['', 'turn', 'drop', 'rotate k1', 'list all'])
  test(`what is not understood is told what there is: ${JSON.stringify(line)}`, async () => assert.match(await fails(line), /^usage: /));

test.run();
