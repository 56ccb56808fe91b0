import { Type, type Static } from '#contract/schema';
import { GuestQuality } from './quality.ts';
import { Answer, CandidatesBody, GuestSignal, OfferId, PeerId } from './signal.ts';

/*
 * The guest endpoint: HTTP at http://192.168.100.1:10000, reachable by clones only.
 *
 *   POST /guest/wake      from a machine at the gate               → 204 not yet; 200 text `SECONDS CONFIG ENTROPY`; 401 for ever after
 *   POST /guest/hello     Authorization: Bearer <one-time token>   → 200 HelloReply; 401 for ever after
 *   GET  /guest/signals?after=N&wait=25   Bearer <agent secret>    → 200 SignalsReply (an empty list when the wait is over)
 *   POST /guest/answer                    Bearer <agent secret>    → 204
 *   POST /guest/refusal                   Bearer <agent secret>    → 204
 *   POST /guest/candidates                Bearer <agent secret>    → 204
 *   POST /guest/status                    Bearer <agent secret>    → 204
 *   POST /guest/screenshot?id=ID          Bearer <agent secret>    → 204; the body is a PNG
 *   POST /guest/screenshot/refusal        Bearer <agent secret>    → 204
 *
 * and what contract/sign-in.ts has, with the same secret.
 *
 * The controller knows which clone speaks by the listener that the connection came in on *and* by the token. A machine at the gate has
 * no token yet, nor anything in it that could ask in its place: SECONDS since 1970 with milliseconds, its config and 64 random bytes,
 * both base64, are told once.
 */

/** Bytes that a copied machine makes its random numbers its own with. */
export const WAKE_ENTROPY_BYTES = 64;

export const HelloBody = Type.Object(
  {
    protocol: Type.Integer({ minimum: 1 }),
    machineId: Type.String({ pattern: '^m-[a-z2-7]{12}$' }),
    /** Per-boot secret that websockify in this guest asks for; made by the agent, told to nobody else. */
    vncSecret: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  },
  { additionalProperties: false },
);
export type HelloBody = Static<typeof HelloBody>;

/**
 * Reply: from now on the agent speaks with `secret`. Until it has done so once, hello can be said again (a reply can be lost), and the
 * secret before is void; after that it is 401 `guest_token_used`.
 */
export const HelloReply = Type.Object(
  { protocol: Type.Integer({ minimum: 1 }), secret: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) },
  { additionalProperties: false },
);
export type HelloReply = Static<typeof HelloReply>;

/** Longest wait of a guest's poll, seconds. No proxy is between it and the controller. */
export const GUEST_WAIT_MAX = 300;

/**
 * `after` is the `cursor` of the last reply (0 at first): what came with an unacknowledged reply is handed out again. `wait`: seconds that
 * the next poll is to wait; 25 without it, which is all that agents of older images ask for.
 */
export const SignalsReply = Type.Object(
  {
    cursor: Type.Integer({ minimum: 0 }),
    signals: Type.Array(GuestSignal),
    wait: Type.Optional(Type.Number({ minimum: 0, maximum: GUEST_WAIT_MAX })),
  },
  { additionalProperties: false },
);
export type SignalsReply = Static<typeof SignalsReply>;

export const GuestAnswer = Type.Object({ ...Answer.properties, peerId: PeerId }, { additionalProperties: false });
export type GuestAnswer = Static<typeof GuestAnswer>;
/** In the place of an answer: an offer that can have none. */
export const GuestRefusal = Type.Object(
  { peerId: PeerId, offerId: OfferId, reason: Type.String({ maxLength: 200 }) },
  { additionalProperties: false },
);
export type GuestRefusal = Static<typeof GuestRefusal>;
export const GuestCandidates = Type.Object({ ...CandidatesBody.properties, peerId: PeerId }, { additionalProperties: false });
export type GuestCandidates = Static<typeof GuestCandidates>;

/** `auth` is ready when it can be told of a sign-in; see contract/sign-in.ts. */
export const SERVICE_NAMES = ['xorg', 'dbus', 'session', 'x11vnc', 'websockify', 'agent', 'auth'] as const;

export const ServiceState = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    state: Type.Union([Type.Literal('starting'), Type.Literal('ready'), Type.Literal('down')]),
    /** Milliseconds after boot at which it became ready (or went down). */
    sinceMs: Type.Integer({ minimum: 0 }),
    restarts: Type.Integer({ minimum: 0 }),
    /** Last words of a service that went down: exit code or signal, and its last log line where there is one. */
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type ServiceState = Static<typeof ServiceState>;

/** What a guest serves to the controller alone, and why others, pages of its own browser among them, are sent away. */
export const GUEST_DOORS = ['websockify', 'auth'] as const;
export type GuestDoor = (typeof GUEST_DOORS)[number];
export const DOOR_REFUSALS = ['path', 'origin', 'secret', 'full'] as const;
export type DoorRefusal = (typeof DOOR_REFUSALS)[number];

const RefusalCount = Type.Optional(Type.Integer({ minimum: 0, maximum: 1e9 }));
const DoorCounts = Type.Object(
  { path: RefusalCount, origin: RefusalCount, secret: RefusalCount, full: RefusalCount },
  { additionalProperties: false },
);
export type DoorCounts = Static<typeof DoorCounts>;

/** Body of `POST /guest/status`: everything, each time something changed. `marks` are ms after boot: `x`, `agent`, `terminal`, `chromium`, `firstFrame` … */
export const GuestStatus = Type.Object(
  {
    services: Type.Array(ServiceState, { maxItems: 32 }),
    marks: Type.Record(Type.String({ pattern: '^[a-zA-Z0-9]{1,32}$' }), Type.Integer({ minimum: 0 })),
    peers: Type.Array(
      Type.Object(
        { peerId: PeerId, state: Type.String({ maxLength: 32 }), reason: Type.Optional(Type.String({ maxLength: 500 })) },
        { additionalProperties: false },
      ),
      { maxItems: 64 },
    ),
    /** Of a guest that tells it, while somebody watches; each report is counted once. */
    stream: Type.Optional(GuestQuality),
    /** When a viewer last moved the mouse, pressed a key …: ms after boot, 0 before the first time. Missing from agents that do not tell. */
    inputMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Requests that each door has refused since boot. Missing from agents that do not tell. */
    refused: Type.Optional(
      Type.Object({ websockify: Type.Optional(DoorCounts), auth: Type.Optional(DoorCounts) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);
export type GuestStatus = Static<typeof GuestStatus>;

/**
 * A line on the console that starts with this is the machine's own last word: the session fails with what follows it.
 * Written by init and agent when they cannot go on, e.g. `oriel: fatal: config: /media/portMin must be integer`.
 */
export const FATAL_PREFIX = 'oriel: fatal: ';
