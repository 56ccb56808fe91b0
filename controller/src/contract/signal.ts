import { Type, type Static } from '#contract/schema';
import { CLIPBOARD_POLICIES } from './clipboard-policy.ts';
import { CONTROL_POLICIES } from './control-policy.ts';
import { Region, ScreenshotId } from './screenshot.ts';
import { VIEWER_ROLES } from './viewer-role.ts';

/** SDP bodies beyond this are refused: Chromium's offer for one video and three data channels has about 6 kB. */
const SDP_MAX = 65536;
export const CANDIDATES_MAX = 64;

export const Candidate = Type.Object(
  {
    candidate: Type.String({ maxLength: 1024 }),
    sdpMid: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    sdpMLineIndex: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 64 }), Type.Null()])),
    usernameFragment: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
  },
  { additionalProperties: false },
);
export type Candidate = Static<typeof Candidate>;
const Candidates = Type.Array(Candidate, { maxItems: CANDIDATES_MAX });

const description = <T extends 'offer' | 'answer'>(type: T) =>
  Type.Object({ type: Type.Literal(type), sdp: Type.String({ minLength: 1, maxLength: SDP_MAX }) }, { additionalProperties: false });

/** Chosen by the browser, new for each offer; the answer echoes it, so that a reload never takes a stale answer for its own. */
export const OfferId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
/** One page of a viewer: the viewer comes from its token. Several pages at once are several peers. */
export const PeerId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
/** Chosen by each page for itself: a second tab with the same link must not take the first one's place. */
export const PageId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,24}$' });

/**
 * Body of `POST /api/webrtc/session/:id/offer`. `offerId` is made by the controller when the browser names none. Offers without a
 * `page` take each other's place.
 */
export const OfferBody = Type.Object(
  { offer: description('offer'), candidates: Type.Optional(Candidates), offerId: Type.Optional(OfferId), page: Type.Optional(PageId) },
  { additionalProperties: false },
);
export type OfferBody = Static<typeof OfferBody>;

/** Reply to a posted offer. */
export const OfferAccepted = Type.Object({ offerId: OfferId, peerId: PeerId }, { additionalProperties: false });
export type OfferAccepted = Static<typeof OfferAccepted>;

/** `GET /api/webrtc/session/:id/answer`. */
export const Answer = Type.Object(
  { answer: description('answer'), candidates: Candidates, offerId: OfferId },
  { additionalProperties: false },
);
export type Answer = Static<typeof Answer>;

/** Body of `POST /api/webrtc/session/:id/candidate`: trickled by the browser, in any number. */
export const CandidatesBody = Type.Object({ candidates: Candidates, offerId: OfferId }, { additionalProperties: false });
export type CandidatesBody = Static<typeof CandidatesBody>;
export const CandidatesReply = Type.Object({ candidates: Candidates, offerId: OfferId }, { additionalProperties: false });
export type CandidatesReply = Static<typeof CandidatesReply>;

/** What a guest is handed by `GET /guest/signals`, in the order in which it came. */
export const GuestSignal = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('offer'),
      peerId: PeerId,
      offerId: OfferId,
      /** What its viewer may do; it is the guest that keeps one who may look from touching. */
      role: Type.Enum([...VIEWER_ROLES]),
      /** The guest keeps to it, too. Missing from a controller that knows none: both ways. */
      clipboard: Type.Optional(Type.Enum([...CLIPBOARD_POLICIES])),
      /** Whose turn it is, the guest says. Missing from a controller that knows none: everybody's. */
      control: Type.Optional(Type.Enum([...CONTROL_POLICIES])),
      /** Whether it may listen; the guest keeps to it, too. Missing: it may not. */
      audio: Type.Optional(Type.Boolean()),
      offer: description('offer'),
      candidates: Candidates,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('candidates'), peerId: PeerId, offerId: OfferId, candidates: Candidates },
    { additionalProperties: false },
  ),
  /** The viewer said goodbye. */
  Type.Object({ kind: Type.Literal('bye'), peerId: PeerId }, { additionalProperties: false }),
  /** The viewer may not look any more, with none of its pages. Also of one that the guest does not know. */
  Type.Object({ kind: Type.Literal('revoked'), viewer: PeerId }, { additionalProperties: false }),
  /** A picture of the desktop, or of a part of it, is wanted. Guests of older images do not know of it. */
  Type.Object({ kind: Type.Literal('screenshot'), id: ScreenshotId, region: Type.Optional(Region) }, { additionalProperties: false }),
]);
export type GuestSignal = Static<typeof GuestSignal>;
