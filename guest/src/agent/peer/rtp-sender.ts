import { RtcpTransportLayerFeedback, RtpHeader, RtpPacket, TransportWideCC, type RTCRtpSender } from 'werift';
import { type Feedback, toFeedback } from '../congestion/feedback.ts';
import { PLAYOUT_DELAY_URI, TRANSPORT_WIDE_CC_URI } from './connection.ts';
import { toExtensionId } from './sdp.ts';

/** Of werift's sender, what it does not show. */
interface Inside {
  rtpCache: unknown;
  senderBWE: unknown;
  rtxPayloadType: number | undefined;
}

const PLAYOUT_DELAY_ZERO = Buffer.from([0, 0, 0]);
/** Profile of one-byte header extensions, RFC 8285. */
const ONE_BYTE_EXTENSIONS = 0xbede;

/** werift's sender with header extensions, feedback and retransmission of our own. */
export class RtpSender {
  readonly #sender: RTCRtpSender;
  readonly #playoutDelayId: number | undefined;
  readonly #transportWideId: number | undefined;
  #rtxNumber = Math.floor(Math.random() * 0x8000);

  constructor(sender: RTCRtpSender, answer: string) {
    this.#sender = sender;
    this.#playoutDelayId = toExtensionId(answer, PLAYOUT_DELAY_URI);
    this.#transportWideId = toExtensionId(answer, TRANSPORT_WIDE_CC_URI);
    disarm(sender as unknown as Inside);
  }

  /** Whether the viewer tells when packets came. */
  get hasFeedback(): boolean {
    return this.#transportWideId !== undefined;
  }

  /** What a viewer without such feedback says that its link carries (REMB), kbit/s. */
  get receiverLimitKbps(): number | undefined {
    const bits = Number(this.#sender.receiverEstimatedMaxBitrate);
    return bits > 0 ? bits / 1000 : undefined;
  }

  /** Of all packets of the connection: the message may name the RTX stream, which werift knows no sender of. */
  onFeedback(take: (feedback: Feedback) => void): void {
    this.#sender.dtlsTransport.onRtcp.subscribe((packet) => {
      if (!(packet instanceof RtcpTransportLayerFeedback) || !(packet.feedback instanceof TransportWideCC)) return;
      const feedback = toFeedback(packet.feedback as unknown as Parameters<typeof toFeedback>[0]);
      if (feedback) take(feedback);
    });
  }

  onNack(take: (sequenceNumbers: readonly number[]) => void): void {
    this.#sender.onGenericNack.subscribe(({ lost }) => take(lost));
  }

  onPictureLoss(take: () => void): void {
    this.#sender.onPictureLossIndication.subscribe(take);
  }

  send({ header, payload }: RtpPacket, transportWideNumber: number): void {
    const numbered = toHeader(header, this.#toExtensions(transportWideNumber));
    // Lost is lost: the browser asks again, or for a key frame.
    this.#sender.sendRtp(new RtpPacket(numbered, payload)).catch(() => {});
  }

  /** By RTX (RFC 4588) where the viewer takes it. */
  resend({ header, payload }: RtpPacket, transportWideNumber: number): void {
    const extensions = this.#toExtensions(transportWideNumber);
    const { rtxPayloadType: payloadType } = this.#sender as unknown as Inside;
    const { codec, ssrc, rtxSsrc, dtlsTransport } = this.#sender;
    if (payloadType === undefined) {
      const again = toHeader(header, extensions, { ssrc, payloadType: codec!.payloadType });
      void dtlsTransport.sendRtp(payload, again);
      return;
    }
    const rtx = toHeader(header, extensions, { ssrc: rtxSsrc, payloadType, sequenceNumber: this.#rtxNumber });
    this.#rtxNumber = (this.#rtxNumber + 1) & 0xffff;
    void dtlsTransport.sendRtp(Buffer.concat([toUint16(header.sequenceNumber), payload]), rtx);
  }

  #toExtensions(transportWideNumber: number): { id: number; payload: Buffer }[] {
    const extensions = [];
    if (this.#playoutDelayId !== undefined) extensions.push({ id: this.#playoutDelayId, payload: PLAYOUT_DELAY_ZERO });
    if (this.#transportWideId !== undefined) extensions.push({ id: this.#transportWideId, payload: toUint16(transportWideNumber) });
    return extensions.sort((a, b) => a.id - b.id);
  }
}

/**
 * Takes two things away from werift 0.25: its history, as it would answer each NACK too, with the number of the first sending; and its
 * own estimator, which counts one packet of each burst and forgets none.
 */
function disarm(inside: Inside): void {
  Object.defineProperty(inside, 'rtpCache', { get: () => [], set: () => {} });
  inside.senderBWE = { rtpPacketSent: () => {}, receiveTWCC: () => {} };
}

type Changed = Partial<Pick<RtpHeader, 'ssrc' | 'payloadType' | 'sequenceNumber'>>;

function toHeader({ timestamp, marker, sequenceNumber }: RtpHeader, extensions: RtpHeader['extensions'], changed: Changed = {}): RtpHeader {
  const header = new RtpHeader({ timestamp, marker, sequenceNumber, ...changed });
  if (extensions.length > 0) Object.assign(header, { extension: true, extensionProfile: ONE_BYTE_EXTENSIONS, extensions });
  return header;
}

function toUint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
