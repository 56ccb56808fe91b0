import { assert, suite } from '#test/suite';
import type { Peer } from '../../src/transport/peer.ts';
import { Watch } from '../../src/transport/watch.ts';

const test = suite('watch');
/** Limits of a fiftieth: a way that was agreed on has 80 ms. */
const PATIENCE = 0.02;

/** A connection that stands, and says that it has so many frames and bytes. */
function fakePeer(counters: { framesDecoded: number; bytesReceived: number }): Peer {
  const entry = { id: 'v', type: 'inbound-rtp', kind: 'video', ...counters };
  const connection = Object.assign(new EventTarget(), {
    connectionState: 'connected',
    iceConnectionState: 'connected',
    getStats: () => Promise.resolve(new Map([[entry.id, entry]])),
  });
  return { connection, channels: { control: () => undefined } } as unknown as Peer;
}

test('whoever watches a connection after another way was agreed on goes on with its counters', async () => {
  const peer = fakePeer({ framesDecoded: 500, bytesReceived: 9_000_000 });
  const before = new Watch(peer, 1, () => undefined);
  before.start();
  while (before.stats.framesDecoded === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  before.stop();
  const after = new Watch(peer, 1, () => undefined, before);
  assert.equal([after.stats, after.hasPicture], [before.stats, true]);
  after.stop();
});

test('a way that was agreed on and leads nowhere is lost', async () => {
  const before = new Watch(fakePeer({ framesDecoded: 0, bytesReceived: 0 }), PATIENCE, () => undefined);
  before.stop();
  const after = new Watch(fakePeer({ framesDecoded: 0, bytesReceived: 0 }), PATIENCE, () => undefined, before);
  assert.is(await after.lost, 'disconnected');
  after.stop();
});

test.run();
