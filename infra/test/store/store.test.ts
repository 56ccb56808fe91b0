import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { fetchRelease, publishRelease } from '../../store/publish.ts';
import { toDirectoryStore } from '../../store/directory-store.ts';
import { toS3Store } from '../../store/s3-store.ts';
import { toSshStore } from '../../store/ssh-store.ts';
import type { Store } from '../../store/store.ts';
import { KEYS, S3Double } from './s3-double.ts';
import { makeSmallRelease, toHash } from './small-release.ts';

const test = suite('store of releases');
const ssh = { address: 'here', knownHostsFile: '/none' };
const s3 = new S3Double();
let dir = '';
let endpoint = '';

const secrets = { accessKeyId: { env: 'ID' }, secretAccessKey: { env: 'SECRET' } };
const toBucket = (secret = KEYS.secret) =>
  toS3Store({ endpoint, bucket: 'oriel', prefix: 'made/', ...secrets }, { ID: KEYS.id, SECRET: secret });

/** Of each kind, and how one object of it is damaged. The scripts of ssh are run by a shell as sshd would run them, here. */
const KINDS: Record<string, { make: () => Promise<Store> | Store; damage: (key: string) => void; list: () => string[] }> = {
  directory: {
    make: () => toDirectoryStore(join(dir, 'store')),
    damage: (key) => writeFileSync(join(dir, 'store', key), 'damaged'),
    list: () => listFiles(join(dir, 'store')),
  },
  ssh: {
    make: () => toSshStore({ ssh, folder: join(dir, 'there') }, ['sh', '-c']),
    damage: (key) => writeFileSync(join(dir, 'there', key), 'damaged'),
    list: () => listFiles(join(dir, 'there')),
  },
  s3: {
    make: () => toBucket(),
    damage: (key) => void s3.objects.set(`/oriel/made/${key}`, Buffer.from('damaged')),
    list: () => [...s3.objects.keys()].map((path) => path.slice('/oriel/made/'.length)).sort(),
  },
};

const CONTENTS = {
  'bin/oriel': 'a program',
  'images/i/rootfs.erofs': 'a large one',
  'images/i/copy': 'a large one',
  'a b/c': 'with a blank',
};

test.before(async () => void (endpoint = await s3.start()));
test.after(() => s3.stop());
test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-store-'));
  s3.objects.clear();
  s3.cuts = () => false;
});
test.afterEach(() => rmSync(dir, { recursive: true }));

for (const [kind, { make, damage, list }] of Object.entries(KINDS)) {
  test(`${kind}: what is published is fetched as it was, modes too; again nothing goes over; the next one brings what is new`, async () => {
    const store = await make();
    const first = await makeSmallRelease(dir, CONTENTS);
    const id = basename(first);
    assert.equal(await publishRelease(first, store), { id, sent: 5, known: 0 });
    const before = list();
    assert.equal(await publishRelease(first, store), { id, sent: 0, known: 0 });
    assert.equal(list(), before);
    const second = await makeSmallRelease(dir, { ...CONTENTS, 'bin/oriel': 'another' });
    assert.equal(await publishRelease(second, store), { id: basename(second), sent: 2, known: 3 });

    const fetched = await fetchRelease(id, join(dir, 'fetched'), store);
    assert.is(fetched, join(dir, 'fetched', id));
    for (const path of listFiles(first)) {
      assert.is(readFileSync(join(fetched, path), 'utf8'), readFileSync(join(first, path), 'utf8'), path);
      assert.is(statSync(join(fetched, path)).mode, statSync(join(first, path)).mode, path);
    }
    assert.is(await fetchRelease(id, join(dir, 'fetched'), store), fetched);
  });

  test(`${kind}: an upload that breaks off leaves no release, and the next one goes on with what is there`, async () => {
    const store = await make();
    const release = await makeSmallRelease(dir, CONTENTS);
    let puts = 0;
    const breaking: Store = {
      ...store,
      put: (...words) => (++puts > 2 ? Promise.reject(new Error('the line is cut')) : store.put(...words)),
    };
    assert.match(await reasonOf(publishRelease(release, breaking)), 'the line is cut');
    assert.match(await reasonOf(fetchRelease(basename(release), join(dir, 'fetched'), store)), /gives no|has no|404 NoSuchKey/);
    assert.equal(readdirSync(join(dir, 'fetched')), []);
    assert.equal(await publishRelease(release, store), { id: basename(release), sent: 3, known: 2 });
    assert.equal(
      list().filter((path) => path.includes('partial')),
      [],
    );
  });

  test(`${kind}: what was damaged, or put there under another’s name, is not fetched: there is no folder of that name`, async () => {
    const store = await make();
    const release = await makeSmallRelease(dir, CONTENTS);
    await publishRelease(release, store);
    damage(`files/${toHash('a large one')}`);
    const fetch = () => reasonOf(fetchRelease(basename(release), join(dir, 'fetched'), store));
    assert.match(await fetch(), new RegExp(`files/${toHash('a large one')} of the store is damaged`));
    damage(`releases/${basename(release)}/SHA256SUMS`);
    assert.match(await fetch(), /is another/);
    assert.not(existsSync(join(dir, 'fetched', basename(release))));
  });
}

test('a release that is not what it says is not published', async () => {
  const release = await makeSmallRelease(dir, CONTENTS);
  chmodSync(join(release, 'a b/c'), 0o600);
  assert.match(await reasonOf(publishRelease(release, toDirectoryStore(join(dir, 'store')))), /a b\/c: its mode is 600/);
  assert.not(existsSync(join(dir, 'store')));
});

test('s3: a connection that is cut in the midst of an upload, a wrong key and nobody there are told, and nothing secret with them', async () => {
  const release = await makeSmallRelease(dir, { ...CONTENTS, large: 'x'.repeat(1 << 20) });
  s3.cuts = (line) => line === `PUT /oriel/made/files/${toHash('x'.repeat(1 << 20))}`;
  const failed: string[] = [];
  failed.push(await reasonOf(publishRelease(release, await toBucket())));
  assert.not(s3.objects.has(`/oriel/made/files/${toHash('x'.repeat(1 << 20))}`));
  assert.not(s3.objects.has(`/oriel/made/releases/${basename(release)}/SHA256SUMS`));
  s3.cuts = () => false;
  failed.push(await reasonOf(publishRelease(release, await toBucket('another-canary'))));
  await publishRelease(release, await toBucket());
  const away = new S3Double();
  const nobody = await away.start();
  await away.stop();
  const gone = await toS3Store({ endpoint: nobody, bucket: 'oriel', ...secrets }, { ID: KEYS.id, SECRET: KEYS.secret });
  failed.push(await reasonOf(publishRelease(release, gone)));
  assert.match(failed[0]!, /does not answer/);
  assert.match(failed[1]!, /answers 403/);
  assert.match(failed[2]!, /does not answer: .*ECONNREFUSED/);
  for (const message of failed) assert.not.match(message, 'canary');
});

test.run();

/** Why it failed; empty when it did not. */
function reasonOf(done: Promise<unknown>): Promise<string> {
  return done.then(
    () => '',
    (error: Error) => error.message,
  );
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
