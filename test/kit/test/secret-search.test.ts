import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fc, fuzz } from '#test/fuzz';
import { readFiles, readProcesses, searchPlaces, toForms } from '#test/secret-search';
import { assert, suite } from '#test/suite';

const test = suite('secret search');

const place = (text: string | Buffer) => [{ name: 'here', bytes: Buffer.from(text) }];

test('a secret is found however it is written, wherever it begins, and not where it is not', async () => {
  const texts = fc.string({ minLength: 12, maxLength: 60 });
  const cases = fc.record({ secret: texts, before: fc.string({ maxLength: 5 }), after: fc.string({ maxLength: 5 }) });
  await fuzz(cases, 200, ({ secret, before, after }) => {
    const all = `${before}${secret}${after}`;
    const bytes = Buffer.from(all);
    const hex = bytes.toString('hex');
    const written = [
      all,
      bytes.toString('base64'),
      bytes.toString('base64url'),
      hex,
      hex.toUpperCase(),
      JSON.stringify({ [before]: all }),
      encodeURIComponent(all),
      hex.toUpperCase().replace(/../g, '%$&'),
      Buffer.from(all, 'utf16le'),
      JSON.stringify({ config: bytes.toString('base64url') }),
    ];
    const secrets = [{ name: 's', value: secret }];
    for (const text of written) assert.ok(searchPlaces(place(text), secrets).length > 0, String(text));
    assert.equal(searchPlaces(place(`${before}${secret.slice(1)}${after}`.replaceAll(secret, '')), secrets), []);
  });
});

test('a key of bytes that are no text is found, too', () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index * 7));
  for (const text of [
    key,
    key.toString('hex'),
    `x${key.toString('base64')}`,
    Buffer.concat([Buffer.from('ab'), key]).toString('base64'),
    [...key].join(','),
  ])
    assert.ok(searchPlaces(place(text), [{ name: 'key', value: key }]).length > 0);
});

test('what is too short to be told from chance is refused', () => assert.throws(() => toForms('short'), /5 bytes/));

test('files and processes are looked through', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-search-'));
  writeFileSync(join(dir, 'file'), 'a planted-canary-4711 b');
  // Only one half of it is in this very process's own arguments.
  const child = spawn('sleep', ['60'], { env: { CANARY: ['planted', 'canary-4711'].join('-') }, argv0: `sleep-${'planted'}-canary-4711` });
  await once(child, 'spawn');
  const secrets = [{ name: 'canary', value: 'planted-canary-4711' }];
  assert.equal(
    searchPlaces(readFiles(dir, 'dir'), secrets).map(({ place }) => place),
    ['dir/file'],
  );
  const found = searchPlaces(readProcesses(), secrets).map(({ place }) => place);
  for (const file of ['cmdline', 'environ'])
    assert.ok(
      found.some((name) => name.startsWith(`${file} of ${child.pid} `)),
      found.join(),
    );
  child.kill();
  rmSync(dir, { recursive: true });
});

test.run();
