import type { RTCDataChannel } from 'werift';

/** werift's queue of one stream's chunks, as far as it matters here. It is not exported. */
export interface InboundStream {
  popMessages(): Iterable<[streamId: number, protocol: number, data: Buffer]>;
}

const mended = new WeakSet<InboundStream>();

/**
 * Mends werift 0.25.2 (`InboundStream.popMessages`): of the messages that are due it hands out only those that no other channel's came
 * in between of. After a lost packet the rest stays in the queue, and from then on each new event pushes out an old one: the
 * desktop acts on every click and key as many events late as were held up, for as long as the connection lives.
 */
export function mendInboundStreams(channel: RTCDataChannel): void {
  const prototype = Object.getPrototypeOf(streamOf(channel)) as InboundStream;
  if (mended.has(prototype)) return;
  mended.add(prototype);
  const { popMessages } = prototype;
  prototype.popMessages = function* () {
    for (let count = 1; count > 0;) {
      count = 0;
      for (const message of popMessages.call(this)) {
        count += 1;
        yield message;
      }
    }
  };
}

/** The queue of the channel's own stream. */
export function streamOf({ id, sctp }: RTCDataChannel): InboundStream {
  return (sctp.sctp as unknown as { getInboundStream(id: number): InboundStream }).getInboundStream(id);
}
