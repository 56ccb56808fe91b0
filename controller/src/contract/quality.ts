import { Type, type Static } from '#contract/schema';

const number = (maximum: number, description: string) => Type.Number({ minimum: 0, maximum, description });

/** How the picture was at the viewer's end since its last heartbeat. */
export const ViewerQuality = Type.Object(
  {
    path: Type.Enum(['webrtc', 'vnc']),
    fps: Type.Optional(number(1000, 'Frames decoded a second; few on a still desktop. noVNC counts none.')),
    framesDropped: Type.Optional(number(1e6, 'Frames that came and were not shown.')),
    decodeMs: Type.Optional(number(60_000, 'Time to decode a frame, mean.')),
    rttMs: Type.Optional(number(60_000, 'Round trip to the guest, the last.')),
    lossPercent: Type.Optional(number(100, 'Packets that were lost, of all.')),
    jitterMs: Type.Optional(number(60_000, 'How unevenly packets come (RFC 3550, 6.4.1), the last.')),
    answerMs: Type.Optional(
      number(60_000, 'From a click or key to the picture that answers it on a still desktop, median of the last 20.'),
    ),
  },
  { additionalProperties: false },
);
export type ViewerQuality = Static<typeof ViewerQuality>;

/** What the guest has encoded since its last report, while somebody watches. */
export const GuestQuality = Type.Object(
  {
    encoder: Type.String({ maxLength: 32 }),
    fps: number(1000, 'Frames encoded a second; 0 on a still desktop.'),
    kbps: number(1e7, 'Of the encoded video.'),
    keyFrames: number(1e6, 'Key frames among them.'),
    encodeMs: Type.Optional(number(60_000, 'Time to grab and encode a frame, mean.')),
    linkKbps: Type.Optional(number(1e7, 'What the slowest viewer’s link is thought to carry, and what its pictures are made for.')),
    queueMs: Type.Optional(number(60_000, 'How long packets wait on the way to the viewer for whom that is longest.')),
  },
  { additionalProperties: false },
);
export type GuestQuality = Static<typeof GuestQuality>;

const at = { at: Type.String({ description: 'When it was said; ISO 8601, UTC.' }) };

/** The last of both. */
export const Quality = Type.Object(
  {
    viewer: Type.Optional(Type.Object({ ...ViewerQuality.properties, ...at }, { additionalProperties: false })),
    guest: Type.Optional(Type.Object({ ...GuestQuality.properties, ...at }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
export type Quality = Static<typeof Quality>;
