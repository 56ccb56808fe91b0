import { RtpHeader, RtpPacket, type RTCRtpSender } from 'werift';
import type { EncodedFrame } from '../stream/broadcast.ts';

const PLAYOUT_DELAY_ZERO = Buffer.from([0, 0, 0]);
/** Profile of one-byte header extensions, RFC 8285. */
const ONE_BYTE_EXTENSIONS = 0xbede;

/** Frames → RTP packets of one viewer, with sequence numbers of its own. */
export class VideoTrack {
  /** Frames that were not sent, as no key frame was there to build on. */
  dropped = 0;
  readonly #sender: RTCRtpSender;
  readonly #playoutDelayId: number | undefined;
  #sequenceNumber = Math.floor(Math.random() * 0x8000);
  #hasKeyFrame = false;

  constructor(sender: RTCRtpSender, playoutDelayId: number | undefined) {
    this.#sender = sender;
    this.#playoutDelayId = playoutDelayId;
  }

  send({ payloads, timestamp, isKey }: EncodedFrame): void {
    if (!isKey && !this.#hasKeyFrame) {
      this.dropped += 1;
      return;
    }
    this.#hasKeyFrame = true;
    payloads.forEach((payload, index) => {
      // Lost is lost: the browser asks again, or for a key frame.
      this.#sender.sendRtp(new RtpPacket(this.#toHeader(timestamp, index === payloads.length - 1), payload)).catch(() => {});
    });
  }

  #toHeader(timestamp: number, marker: boolean): RtpHeader {
    const header = new RtpHeader({ timestamp, marker, sequenceNumber: this.#sequenceNumber });
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    if (this.#playoutDelayId !== undefined) {
      header.extension = true;
      header.extensionProfile = ONE_BYTE_EXTENSIONS;
      header.extensions = [{ id: this.#playoutDelayId, payload: PLAYOUT_DELAY_ZERO }];
    }
    return header;
  }
}
