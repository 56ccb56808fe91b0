import { Type } from '#contract/schema';
import { GUEST_WAIT_MAX, GuestStatus } from '#contract/guest';
import { ApiError, SessionId } from '#contract/session';
import { OfferId, PeerId } from '#contract/signal';

export const SessionParams = Type.Object({ id: SessionId });
export const ViewerParams = Type.Object({ id: SessionId, peer: PeerId });

/** Longest wait of a long poll, seconds: below the minute after which proxies give up. */
const WAIT_MAX = 50;
const wait = Type.Optional(
  Type.Number({ minimum: 0, maximum: WAIT_MAX, description: 'Seconds to wait for something new; the reply comes at once when there is.' }),
);

export const NoQuery = Type.Object({}, { additionalProperties: false });
export const SessionQuery = Type.Object(
  { wait, since: Type.Optional(Type.String({ maxLength: 40, description: '`updatedAt` of the version that you have.' })) },
  { additionalProperties: false },
);
export const SignalQuery = Type.Object({ wait, offerId: Type.Optional(OfferId) }, { additionalProperties: false });
export const WaitQuery = Type.Object({ wait }, { additionalProperties: false });
export const ByeQuery = Type.Object({ offerId: OfferId }, { additionalProperties: false });
export const ConsoleQuery = Type.Object(
  {
    tail: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 500, description: 'So many of the lines that are there already come first; 500 when left out.' }),
    ),
  },
  { additionalProperties: false },
);
export const GuestQuery = Type.Object(
  {
    wait: Type.Optional(Type.Number({ minimum: 0, maximum: GUEST_WAIT_MAX })),
    after: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
);

export const Nothing = Type.Null({ description: 'Done; the reply has no body.' });
export const ConsoleReply = Type.Object({ lines: Type.Array(Type.String()) }, { additionalProperties: false });
export const ServicesReply = GuestStatus;
export const EventStreamReply = { content: { 'text/event-stream': { schema: Type.String() } } };

export const errors = { '4xx': ApiError, '5xx': ApiError } as const;
