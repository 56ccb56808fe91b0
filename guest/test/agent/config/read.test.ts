import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readConfig } from '../../../src/agent/config/read.ts';
import { CONFIG } from '../../fakes/config.ts';

const test = suite('config');
let folder = '';
test.before(async () => void (folder = await mkdtemp(join(tmpdir(), 'oriel-'))));
test.after(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  return readConfig(path);
}

async function refusal(text: string): Promise<string> {
  return read(text).then(
    () => 'read',
    (error: Error) => error.message,
  );
}

test('what the controller wrote is read back', async () => {
  assert.equal(await read(JSON.stringify(CONFIG)), CONFIG);
});

test('every wrong field is named', async () => {
  const wrong = { ...CONFIG, hostname: 'Desk 1', media: { ...CONFIG.media, portMin: 'x' }, extra: 1 };
  const message = await refusal(JSON.stringify(wrong));
  for (const name of ['/hostname', '/media/portMin', 'extra']) assert.match(message, name);
});

test('a wrong token is named, not told', async () => {
  const message = await refusal(JSON.stringify({ ...CONFIG, token: 'hunter2' }));
  assert.match(message, '/token');
  assert.not.match(message, 'hunter2');
});

test('a range of one port is refused', async () => {
  assert.is(
    await refusal(JSON.stringify({ ...CONFIG, media: { ...CONFIG.media, portMax: CONFIG.media.portMin } })),
    'config: /media/portMax must be > /media/portMin',
  );
});

test('what is no JSON is said to be none', async () => {
  assert.match(await refusal('hello'), 'not JSON');
});

test.run();
