import { suite, assert } from '#test/suite';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { newApiKey } from '../../src/auth/new-key.ts';
import { newMachineId, newSecret, newSessionId } from '../../src/sessions/ids.ts';
import { withoutSecrets } from '../../src/process/without-secrets.ts';

const test = suite('without secrets');

const key = newApiKey();
const secret = newSecret();
const { token } = await createViewerTokens(new Uint8Array(32), 1000).sign({ sessionId: 's-1', peerId: 'p-1', role: 'view' });

for (const [what, line, hidden] of [
  ['an API key', `{"msg":"it said ${key}, and went"}`, key],
  ['a viewer’s token', `{"url":"/desktop?session=s-1#token=${token}"}`, token],
  ['a WebSocket’s protocols', `{"protocols":"binary, oriel.${token}"}`, token],
  ['a header', `{"msg":"Authorization: Bearer abc.def-123"}`, 'abc.def-123'],
  ['a guest’s secret', `{"secret_of":"${secret}"}`, secret],
  ['a guest’s secret after a line end', JSON.stringify({ msg: `last words:\n${secret}\nend` }), secret],
  ['a clone’s config', `{"args":["oriel.config=eyJhIjoxfQ"]}`, 'eyJhIjoxfQ'],
  ['an upstream’s password', `{"msg":"connect http://user:pa55@proxy.example:3128 failed"}`, 'pa55'],
  ['a webhook’s key', `{"msg":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`, 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
] as const) {
  test(`${what} is not in a line that held it, whose JSON is sound still`, () => {
    const clean = withoutSecrets(line);
    assert.ok(line.includes(hidden), 'it was there');
    assert.not.ok(clean.includes(hidden), clean);
    assert.match(clean, /\[secret\]/);
    JSON.parse(clean);
  });
}

test('what is no secret stays: sessions, machines, images, addresses, times, paths', () => {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    session: newSessionId(),
    machine: newMachineId(),
    image: 'ab'.repeat(32),
    url: 'http://127.0.0.1:7080',
    path: '/var/lib/oriel/machines/m-aaaaaaaaaaaa/console.log',
    mail: 'user grace@example.org',
    stack: 'Error: x\n    at file:///opt/oriel/controller/src/process/controller.ts:10:5',
  });
  assert.is(withoutSecrets(line), line);
});

test.run();
