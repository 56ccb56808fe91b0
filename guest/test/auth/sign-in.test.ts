import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '#contract/provider';
import type { Credentials, SignInNews } from '#contract/sign-in';
import { EndpointRefused } from '../../src/agent/controller/endpoint.ts';
import { createLog } from '../../src/agent/log.ts';
import { SignIn } from '../../src/auth/sign-in.ts';
import type { ToLogin } from '../../src/login/protocol.ts';
import { assert, suite } from '#test/suite';

const test = suite('sign-in');
const path = '.x/auth.json';
const content = JSON.stringify({ token: 't'.repeat(20) });
const provider: Provider = {
  id: 'x',
  name: 'Tool X',
  login: { command: ['x', 'login'], refresh: ['x', 'refresh'], env: { A: 'b' }, callbackPorts: [0] },
  credentials: [{ path, schema: { type: 'object', required: ['token'] } }],
  hosts: ['a.example'],
};

/** A sign-in with a controller and a login of the test. Times are a few ms. */
function start({ restore = false, unreachable, refuse }: { restore?: boolean; unreachable?: string; refuse?: Error } = {}) {
  const orders: ToLogin[] = [];
  const told: SignInNews[] = [];
  const sent: Credentials[] = [];
  const lines: string[] = [];
  let wiped = 0;
  const signIn = new SignIn({
    job: { provider, restore },
    door: {
      restored: async () => ({ files: [{ path, content }] }),
      tell: async (news) => void told.push(news),
      send: async (credentials) => {
        if (refuse) throw refuse;
        sent.push(credentials);
      },
      wiped: async () => void wiped++,
    },
    order: (order) => void orders.push(order),
    probe: async () => unreachable,
    log: createLog((line) => lines.push(line)),
    times: { settleMs: 2, malformedMs: 20, reachMs: 2 },
  });
  const failed = () => told.flatMap((news) => (news.state === 'failed' ? [news.code] : []));
  return { signIn, orders, told, sent, failed, lines, wiped: () => wiped };
}

test('the tool is started, its credentials are sent once, and wiped when they are kept', async () => {
  const { signIn, orders, told, sent, wiped, lines } = start();
  await signIn.start();
  assert.equal(orders, [
    { t: 'start', title: 'Sign in to Tool X', command: ['x', 'login'], env: { A: 'b' }, urlPattern: undefined, paths: [path], files: [] },
  ]);
  await signIn.handle({ t: 'started' });
  await signIn.handle({ t: 'opened', url: 'https://a.example/auth?secret=1' });
  await signIn.handle({ t: 'file', path, content: content.slice(0, 9) });
  assert.is(sent.length, 0);
  await Promise.all([
    signIn.handle({ t: 'file', path, content }),
    signIn.handle({ t: 'file', path, content }),
    signIn.handle({ t: 'ended', code: 0, lines: [] }),
  ]);
  assert.equal(sent, [{ files: [{ path, content }] }]);
  assert.equal(orders.at(-1), { t: 'wipe' });
  await signIn.handle({ t: 'wiped' });
  assert.equal([wiped(), signIn.state], [1, 'done']);
  assert.equal(told, [{ state: 'started' }, { state: 'page_opened', host: 'a.example:443' }]);
  assert.not.match(lines.join(''), /tttt|secret=1/);
  assert.is(signIn.restart(), false, 'too late');
});

test('credentials that were given back are used for a refresh, and sent when they were renewed', async () => {
  const { signIn, orders, sent } = start({ restore: true });
  await signIn.start();
  const [first] = orders;
  assert.ok(first?.t === 'start');
  assert.equal([first.command, first.files], [['x', 'refresh'], [{ path, content }]]);
  await signIn.handle({ t: 'started' });
  await signIn.handle({ t: 'file', path, content });
  assert.is(sent.length, 0);
  await signIn.handle({ t: 'file', path, content: content.replace('ttt', 'new') });
  assert.is(sent.length, 1);
});

test('credentials that a tool has worked with and left as they were are sent as they are; those of one that failed are not', async () => {
  for (const [code, count, expected] of [
    [0, 1, []],
    [1, 0, ['cli_crashed']],
  ] as const) {
    const { signIn, sent, failed } = start({ restore: true });
    await signIn.start();
    await signIn.handle({ t: 'started' });
    await signIn.handle({ t: 'file', path, content });
    await signIn.handle({ t: 'ended', code, lines: [] });
    assert.equal([sent.length, failed()], [count, expected]);
  }
});

test('a page that cannot be reached fails it, after three tries', async () => {
  const { signIn, failed } = start({ unreachable: 'no way' });
  await signIn.start();
  await signIn.handle({ t: 'started' });
  await signIn.handle({ t: 'opened', url: 'https://a.example/' });
  assert.equal(failed(), ['page_unreachable']);
});

test('a tool that ends without credentials fails it; one that was begun again does not', async () => {
  const { signIn, failed, orders } = start();
  await signIn.start();
  await signIn.handle({ t: 'started' });
  const ended = signIn.handle({ t: 'ended', code: 1, lines: ['no'] });
  assert.is(signIn.restart(), true);
  await ended;
  assert.equal([failed(), orders.at(-1)], [[], { t: 'restart' }]);
  await signIn.handle({ t: 'ended', code: 1, lines: ['no'] });
  assert.equal([failed(), orders.at(-1)], [['cli_crashed'], { t: 'wipe' }]);
});

test('a file that stays malformed fails it; one that is set right in time does not', async () => {
  for (const [next, expected] of [
    ['{}', ['credentials_malformed']],
    [content, []],
  ] as const) {
    const { signIn, failed } = start();
    await signIn.start();
    await signIn.handle({ t: 'started' });
    await signIn.handle({ t: 'file', path, content: '{"tok' });
    await signIn.handle({ t: 'file', path, content: next });
    await sleep(40);
    assert.equal(failed(), expected);
  }
});

test('credentials that the controller refuses fail it', async () => {
  const { signIn, failed } = start({ refuse: new EndpointRefused(413, 'too_large') });
  await signIn.start();
  await signIn.handle({ t: 'started' });
  await signIn.handle({ t: 'file', path, content });
  assert.equal(failed(), ['credentials_malformed']);
});

test.run();
