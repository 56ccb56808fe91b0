import { assert, suite } from '#test/suite';
import { Mailbox } from '../../src/signal/mailbox.ts';
import { PENDING_MAX, Screenshots } from '../../src/signal/screenshots.ts';

const test = suite('screenshots');

const PNG = Buffer.from('\x89PNG\r\n\x1a\nand so on', 'latin1');
const LONG_MS = 10_000;

function setUp() {
  const mailbox = new Mailbox();
  const screenshots = new Screenshots(mailbox);
  const wishes = (after = 0) => mailbox.signals(after).signals.filter((signal) => signal.kind === 'screenshot');
  return { mailbox, screenshots, wishes };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    ({ statusCode, code }: { statusCode: number; code: string }) => `${statusCode} ${code}`,
  );

test('the guest is told of the wish, and what it posts is the picture', async () => {
  const { screenshots, wishes } = setUp();
  const region = { x: 1, y: 2, width: 3, height: 4 };
  const taken = screenshots.take(region, LONG_MS);
  const { id, ...rest } = wishes()[0]!;
  assert.equal(rest, { kind: 'screenshot', region });
  assert.ok(screenshots.keep(id, PNG));
  assert.is(await taken, PNG);
});

test('a wish is told again to a guest that starts anew, and to none once it is settled', async () => {
  const { mailbox, screenshots, wishes } = setUp();
  const taken = screenshots.take(undefined, LONG_MS);
  const { cursor } = mailbox.signals(0);
  assert.equal([wishes(cursor).length, wishes(0).length], [0, 1]);
  screenshots.keep(wishes()[0]!.id, PNG);
  await taken;
  assert.equal(wishes(0), []);
});

test('two are taken at a time, each is its own', async () => {
  const { screenshots, wishes } = setUp();
  const taken = Array.from({ length: PENDING_MAX }, () => screenshots.take(undefined, LONG_MS));
  assert.is(await codeOf(screenshots.take(undefined, LONG_MS)), '429 too_many_requests');
  wishes().forEach(({ id }, i) => screenshots.keep(id, Buffer.concat([PNG, Buffer.from([i])])));
  assert.equal(
    (await Promise.all(taken)).map((png) => png!.at(-1)),
    [0, 1],
  );
  assert.is(await screenshots.take(undefined, 1), undefined, 'there is room again');
});

test('one that the guest refuses has its reason', async () => {
  const { screenshots, wishes } = setUp();
  const taken = screenshots.take(undefined, LONG_MS);
  screenshots.refuse(wishes()[0]!.id, 'it lies outside');
  const error: Error = await taken.then(
    () => new Error('it was taken'),
    (reason: Error) => reason,
  );
  assert.match(error.message, /it lies outside/);
});

test('one that is late, or whose asker goes, is none, and a picture for it is for nobody', async () => {
  const { screenshots, wishes } = setUp();
  const gone = new AbortController();
  const taken = [screenshots.take(undefined, 20), screenshots.take(undefined, LONG_MS, gone.signal)];
  const ids = wishes().map(({ id }) => id);
  gone.abort();
  assert.equal(await Promise.all(taken), [undefined, undefined]);
  assert.equal([wishes(), ids.map((id) => screenshots.keep(id, PNG))], [[], [false, false]]);
});

test('what is no PNG is refused', async () => {
  const { screenshots, wishes } = setUp();
  const taken = screenshots.take(undefined, 50);
  assert.throws(() => screenshots.keep(wishes()[0]!.id, Buffer.from('GIF89a')), /no PNG/);
  assert.is(await taken, undefined);
});

test.run();
