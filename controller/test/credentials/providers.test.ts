import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { readProviders } from '../../src/credentials/providers.ts';

const test = suite('providers file');
let dir: string;
test.before(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-providers-'))));
test.after(() => rmSync(dir, { recursive: true }));

const own = {
  id: 'own',
  name: 'Own',
  login: { command: ['own', 'login'], callbackPorts: [0] },
  credentials: [{ path: '.own/auth.json', schema: { type: 'object' } }],
  hosts: ['own.example'],
};

async function read(content: unknown): Promise<string[] | string> {
  const path = join(dir, 'providers.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readProviders(path).then(
    (list) => list.map(({ id }) => id),
    ({ message }: Error) => message.replace(path, 'FILE'),
  );
}

test('an operator’s providers stand before Oriel’s own', async () => {
  assert.equal(await read([own]), ['own', 'claude_code', 'codex', 'gemini_cli', 'desktop']);
  assert.equal((await readProviders(undefined)).length, 4);
});

for (const [title, content, why] of [
  ['text that is no JSON', '[', /^FILE: it is no JSON$/],
  ['one provider without a list', own, /a list of providers is needed/],
  ['an id that is there already', [{ ...own, id: 'codex' }], /there is a provider codex already/],
  [
    'unknown fields, all named',
    [
      { ...own, colour: 1 },
      { ...own, id: 'B' },
    ],
    /\/0 must NOT have additional properties; \/1\/id must match/,
  ],
  ['a path out of the home', [{ ...own, credentials: [{ path: '../x', schema: {} }] }], /\/0\/credentials\/0\/path must match/],
  ['an absolute path', [{ ...own, credentials: [{ path: '/etc/passwd', schema: {} }] }], /\/0\/credentials\/0\/path must match/],
  ['a pattern that is none', [{ ...own, login: { ...own.login, denied: '(' } }], /\/0\/login\/denied is no regular expression/],
  [
    'a schema that is none',
    [{ ...own, credentials: [{ path: 'x', schema: { type: 'what' } }] }],
    /\/0\/credentials\/0\/schema is no JSON Schema/,
  ],
  ['a login without credentials', [{ ...own, credentials: [] }], /\/0\/credentials must have one at least/],
] as const) {
  test(`${title}: refused, and it is said why`, async () => assert.match(String(await read(content)), why));
}

test('a file that is not there is named by its variable', async () => {
  const message = await readProviders(join(dir, 'none')).then(String, (error: Error) => error.message);
  assert.match(message, /^ORIEL_PROVIDERS_FILE: ENOENT/);
});

test.run();
