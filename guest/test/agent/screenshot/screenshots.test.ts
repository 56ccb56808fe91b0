import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import type { Call } from '../../../src/agent/controller/endpoint.ts';
import { Screenshots } from '../../../src/agent/screenshot/screenshots.ts';
import type { Pipeline } from '../../../src/agent/stream/gstreamer.ts';

const test = suite('screenshots of the agent');

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** GStreamer whose pictures are what `give` says; a pipeline that runs is counted. */
function setUp(give: () => Promise<Buffer | null>, refuses = false) {
  const calls: Call[] = [];
  const seen = { running: 0, most: 0 };
  class FakePipeline implements Pipeline {
    play(): void {
      seen.most = Math.max(seen.most, ++seen.running);
    }
    stop(): void {
      seen.running--;
    }
    findChild() {
      return { pull: (onBuffer: (buffer: Buffer | null) => void) => void give().then(onBuffer) };
    }
    forceKeyUnit(): void {}
  }
  const screenshots = new Screenshots({
    display: ':0',
    getSize: () => ({ width: 1280, height: 720 }),
    loadGstreamer: () => ({ Pipeline: FakePipeline }),
    endpoint: {
      call: async (call) => {
        calls.push(call);
        if (refuses) throw new Error('the controller is away');
      },
    },
    secret: 's',
    signal: new AbortController().signal,
    log,
  });
  return { screenshots, calls, seen };
}

test('pictures are taken one after the other and posted with their ids', async () => {
  let count = 0;
  const { screenshots, calls, seen } = setUp(async () => (await sleep(10), Buffer.from([++count])));
  await Promise.all(['a', 'b', 'c'].map((id) => screenshots.send({ id })));
  assert.equal(
    calls.map(({ path, body }) => [path, body]),
    ['a', 'b', 'c'].map((id, i) => [`/guest/screenshot?id=${id}`, Buffer.from([i + 1])]),
  );
  assert.equal(seen, { running: 0, most: 1 });
});

test('why there is none is told: a part outside, a screen that gives nothing', async () => {
  const { screenshots, calls } = setUp(async () => null);
  await screenshots.send({ id: 'a', region: { x: 2000, y: 0, width: 1, height: 1 } });
  await screenshots.send({ id: 'b' });
  assert.equal(
    calls.map(({ path, body }) => [path, body]),
    [
      ['/guest/screenshot/refusal', { id: 'a', reason: '2000,0 is outside of the desktop, which has 1280×720 pixels' }],
      ['/guest/screenshot/refusal', { id: 'b', reason: 'the screen gave no picture' }],
    ],
  );
});

test('a controller that is away is nothing that ends the agent, or the next picture', async () => {
  const { screenshots, calls } = setUp(async () => Buffer.from('PNG'), true);
  await screenshots.send({ id: 'a' });
  await screenshots.send({ id: 'b' });
  assert.is(calls.length, 4);
});

test.run();
