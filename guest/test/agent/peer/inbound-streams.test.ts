import { RTCPeerConnection } from 'werift';
import { assert, suite } from '#test/suite';
import { mendInboundStreams, streamOf, type InboundStream } from '../../../src/agent/peer/inbound-streams.ts';

const test = suite('inbound streams');

/** Chunks of SCTP that are whole messages: first and last fragment at once. */
const WHOLE = 3;

interface Stream extends InboundStream {
  addChunk(chunk: { tsn: number; streamId: number; streamSeqNum: number; flags: number; protocol: number; userData: Buffer }): void;
}

/** What is handed out when the first of four messages comes last, each with another channel's message after it. */
async function afterLoss(mend: boolean): Promise<string[]> {
  const connection = new RTCPeerConnection({ iceServers: [] });
  const channel = connection.createDataChannel('input', { id: 2, negotiated: true });
  if (mend) mendInboundStreams(channel);
  const stream = streamOf(channel) as Stream;
  const add = (seq: number) =>
    stream.addChunk({ tsn: 10 + 2 * seq, streamId: 2, streamSeqNum: seq, flags: WHOLE, protocol: 51, userData: Buffer.from(String(seq)) });
  const pop = () => [...stream.popMessages()].map(([, , data]) => String(data));
  const held = [1, 2, 3].flatMap((seq) => (add(seq), pop()));
  assert.equal(held, [], 'nothing comes before what it has to follow');
  add(0);
  const popped = pop();
  await connection.close();
  return popped;
}

test('werift leaves messages behind that are due: when this fails, the mending can go', async () => {
  assert.equal(await afterLoss(false), ['0']);
});

test('mended, all that is due is handed out, in order', async () => {
  assert.equal(await afterLoss(true), ['0', '1', '2', '3']);
});

test('mending twice changes nothing', async () => {
  assert.equal(await afterLoss(true), ['0', '1', '2', '3']);
});

test.run();
