/*
 * VP8 over RTP, RFC 7741. One encoded frame becomes the payloads of its packets; a payload is a descriptor of four bytes and a piece
 * of the frame:
 *
 *    0 1 2 3 4 5 6 7
 *   |X|R|N|S|R| PID |   X: extension bytes follow; S: the frame starts here; PID 0: we send one partition
 *   |I|L|T|K|  RSV  |   I: a picture id follows
 *   |M| PictureID   |   M: it has 15 bits
 *   |   PictureID   |
 */

/** Bytes of a payload: with RTP header, extensions, SRTP tag, UDP and IP it stays below the 1,280 bytes that every path carries. */
export const PAYLOAD_MAX = 1200;
const DESCRIPTOR_BYTES = 4;
const PICTURE_ID_MASK = 0x7fff;

export function toVp8Payloads(frame: Buffer, pictureId: number, payloadMax = PAYLOAD_MAX): Buffer[] {
  const count = Math.ceil(frame.length / (payloadMax - DESCRIPTOR_BYTES));
  // Pieces of about one size: a short last packet costs as much on the way as a full one.
  const piece = Math.ceil(frame.length / count);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([toDescriptor(index === 0, pictureId), frame.subarray(index * piece, (index + 1) * piece)]),
  );
}

export function nextPictureId(pictureId: number): number {
  return (pictureId + 1) & PICTURE_ID_MASK;
}

/** Lowest bit of the frame's first byte: 0 on a key frame (RFC 6386, 9.1). */
export function isKeyFrame(frame: Buffer): boolean {
  return frame.length > 0 && (frame[0]! & 1) === 0;
}

function toDescriptor(isStart: boolean, pictureId: number): Buffer {
  return Buffer.from([isStart ? 0x90 : 0x80, 0x80, 0x80 | (pictureId >> 8), pictureId & 0xff]);
}
