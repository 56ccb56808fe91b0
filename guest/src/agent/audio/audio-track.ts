import { RtpHeader, RtpPacket, type RTCRtpSender } from 'werift';
import type { SoundPacket } from './sound-time.ts';

/** Packets of sound → RTP packets of one viewer, with sequence numbers of its own. */
export class AudioTrack {
  readonly #sender: Pick<RTCRtpSender, 'sendRtp'>;
  #sequenceNumber = Math.floor(Math.random() * 0x8000);

  constructor(sender: Pick<RTCRtpSender, 'sendRtp'>) {
    this.#sender = sender;
  }

  send({ payload, timestamp, marker }: SoundPacket): void {
    const header = new RtpHeader({ timestamp, marker, sequenceNumber: this.#sequenceNumber });
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    // Lost is lost: the next packet has what is needed to conceal it.
    this.#sender.sendRtp(new RtpPacket(header, payload)).catch(() => {});
  }
}
