import { Type, type Static } from '#contract/schema';
import { Reason, SESSION_STATUSES, SessionId } from './session.ts';

const status = Type.Enum([...SESSION_STATUSES]);

/** One transition of one session. `from` is missing for the first, by which the session came to be. */
export const SessionEvent = Type.Object(
  {
    /** Grows with each event of this controller; a number is never used again. */
    id: Type.Integer({ minimum: 1 }),
    /** ISO 8601, UTC. */
    at: Type.String(),
    sessionId: SessionId,
    userId: Type.String(),
    provider: Type.String(),
    from: Type.Optional(status),
    to: status,
    /** `api`, `key:…`, `viewer:…`, `controller`, `clock`. */
    who: Type.String(),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
export type SessionEvent = Static<typeof SessionEvent>;

/** Body of a webhook, as Standard Webhooks (https://www.standardwebhooks.com) has it; `type` is `session.` and the status. */
export const WebhookBody = Type.Object(
  { type: Type.String(), timestamp: Type.String(), data: SessionEvent },
  { additionalProperties: false },
);
export type WebhookBody = Static<typeof WebhookBody>;
