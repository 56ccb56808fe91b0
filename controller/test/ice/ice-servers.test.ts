import { createHmac } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { createIceServers } from '../../src/ice/ice-servers.ts';
import { toTurnCredential } from '../../src/ice/turn-credential.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('ICE servers');
const dir = mkdtempSync(join(tmpdir(), 'oriel-ice-'));
const secretFile = join(dir, 'turn');
const [A, B] = ['a1'.repeat(32), 'b2'.repeat(32)];
const TURN = 'turn:turn.example.org?transport=udp';
const STUN = 'stun:stun.example.org';

test.after(() => rmSync(dir, { recursive: true }));

/** As whoever means well writes it: the whole file at once. */
function write(text: string, mode = 0o600): void {
  writeFileSync(`${secretFile}.new`, `${text}\n`, { mode });
  renameSync(`${secretFile}.new`, secretFile);
}

const toHmac = (secret: string, name: string) => createHmac('sha1', secret).update(name).digest('base64');

test('a credential is what coturn makes of the same name: known values', () => {
  // printf 1700000000:p-ann | openssl dgst -sha1 -hmac secret -binary | base64
  assert.equal(toTurnCredential('secret', 'p-ann', 1_700_000_000), {
    username: '1700000000:p-ann',
    credential: '8igmrpv/aONFN2NsY+VRLoUXqKA=',
  });
});

test('only a viewer of a session that lives gets TURN, under its own name, for as long as it is to be', async () => {
  write(A);
  const env = { ORIEL_TURN_URLS: TURN, ORIEL_STUN_URLS: STUN, ORIEL_TURN_SECRET_FILE: secretFile, ORIEL_TURN_TTL_SECONDS: '120' };
  await using fake = new FakeController(env);
  const app = await fake.app();
  const id = fake.start();
  const line = 'GET /api/webrtc/ice-servers';
  const before = Math.floor(Date.now() / 1000);
  for (const role of ['view', 'control'] as const) {
    const { status, body, headers } = await ask(app, line, { token: await fake.viewerToken(id, role, 'p-ann') });
    assert.is(status, 200);
    assert.is(headers['cache-control'], 'no-store');
    const [stun, turn] = body.iceServers;
    assert.equal([stun, turn.urls], [{ urls: [STUN] }, [TURN]]);
    const [, expiry, who] = /^(\d+):(.*)$/.exec(turn.username)!;
    assert.is(who, 'p-ann');
    assert.ok(Number(expiry) >= before + 120 && Number(expiry) <= before + 125, expiry);
    assert.is(turn.credential, toHmac(A, turn.username));
  }
  assert.is((await ask(app, line)).status, 401);
  assert.is((await ask(app, line, { token: 'a.b.c' })).status, 401);
  assert.equal((await ask(app, line, { token: API_KEY })).body, { iceServers: [{ urls: [STUN] }] });
  const token = await fake.viewerToken(id);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  await fake.until(id, 'stopped');
  const over = await ask(app, line, { token });
  assert.is(over.status, 410, JSON.stringify(over.body));
});

test('nothing is told when nothing is configured', async () => {
  await using fake = new FakeController();
  const token = await fake.viewerToken(fake.start());
  assert.equal((await ask(await fake.app(), 'GET /api/webrtc/ice-servers', { token })).body, { iceServers: [] });
});

test('another secret is taken without a restart; one that cannot be read leaves the one before, and is told once', async () => {
  write(A);
  const logged: [level: string, fields: object, text: string][] = [];
  const log = {
    info: (fields: object, text: string) => void logged.push(['info', fields, text]),
    error: (fields: object, text: string) => void logged.push(['error', fields, text]),
  };
  const list = await createIceServers({ stunUrls: [], turnUrls: [TURN], secretFile, ttlSeconds: 60 }, log as never);
  const madeWith = async () => {
    const { username, credential } = (await list.of('p-ann')).iceServers[0]!;
    return [A, B].find((secret) => toHmac(secret, username!) === credential);
  };
  assert.is(await madeWith(), A);
  write(`${B}\n${A}`);
  assert.is(await madeWith(), B);
  write('short');
  assert.equal([await madeWith(), await madeWith()], [B, B]);
  write(A, 0o644);
  assert.equal([await madeWith(), await madeWith()], [B, B]);
  rmSync(secretFile);
  assert.equal([await madeWith(), await madeWith()], [B, B]);
  write(A);
  assert.is(await madeWith(), A);
  assert.equal(
    logged.map(([level]) => level),
    ['info', 'error', 'error', 'error', 'info'],
  );
  for (const secret of [A, B, 'short']) assert.not.match(JSON.stringify(logged), secret);
});

test('a controller with a secret that is none does not begin', async () => {
  write('short');
  await createIceServers({ stunUrls: [], turnUrls: [TURN], secretFile, ttlSeconds: 60 }, undefined as never).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /line 1 has 5 characters/),
  );
});

test.run();
