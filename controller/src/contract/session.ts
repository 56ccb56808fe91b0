import type { TString } from 'typebox';
import { Type, type Static } from '#contract/schema';
import { EgressRules, SessionEgress } from './egress.ts';
import { ERROR_CODES } from './error-code.ts';
import { ServiceState } from './guest.ts';
import { ProviderId } from './provider.ts';
import { Quality, ViewerQuality } from './quality.ts';
import { REASON_CODES } from './reason-code.ts';
import { Viewer } from './viewer.ts';

/*
 *  pending ──► vm_creating ──► vm_created ──► authenticating ──► completed
 *     │             │              │                │
 *     └─────────────┴──────────────┴────────────────┴──► failed | expired | stopped
 */
export const SESSION_STATUSES = [
  'pending',
  'vm_creating',
  'vm_created',
  'authenticating',
  'completed',
  'failed',
  'expired',
  'stopped',
] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export const SessionId = Type.String({ pattern: '^s-[a-z2-7]{20}$' });

export const StartBody = Type.Object(
  {
    userId: Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._@:+-]+$' }),
    /** One of `GET /api/providers`. */
    provider: ProviderId,
    /** Gives the machine the credentials that this user's last session with this provider left, so that the tool can renew them. */
    restore: Type.Optional(Type.Boolean()),
    egress: Type.Optional(EgressRules),
  },
  { additionalProperties: false },
);
export type StartBody = Static<typeof StartBody>;

/** One step of a session's way to the desktop. `endedAt` is missing while it runs. Times: ISO 8601, UTC. */
export const Phase = Type.Object(
  { name: Type.String(), startedAt: Type.String(), endedAt: Type.Optional(Type.String()), ms: Type.Optional(Type.Integer({ minimum: 0 })) },
  { additionalProperties: false },
);
export type Phase = Static<typeof Phase>;

/** Names of the phases in their order: address and namespaces, machine process, guest's hello, desktop's services ready. */
export const PHASES = ['network', 'machine', 'boot', 'desktop'] as const;
/** In the place of all of these where a machine of the warm pool was claimed: its way out, and a last look at its desktop. */
export const CLAIM = 'claim';
export type PhaseName = (typeof PHASES)[number] | typeof CLAIM;

/** A record of another release may have one that this one does not know. */
const ReasonCode = Type.Enum([...REASON_CODES]) as unknown as TString;

/** Why a session failed or ended, in words that a person understands; with a stable `code`. */
export const Reason = Type.Object({ code: ReasonCode, message: Type.String() }, { additionalProperties: false });

export const Session = Type.Object(
  {
    sessionId: SessionId,
    userId: Type.String(),
    provider: Type.String(),
    /** Credentials of an earlier session were asked to be given back. */
    restore: Type.Optional(Type.Boolean()),
    status: Type.Enum([...SESSION_STATUSES]),
    createdAt: Type.String(),
    updatedAt: Type.String(),
    reason: Type.Optional(Reason),
    phases: Type.Array(Phase),
    /** The image that it boots, by content. */
    image: Type.Optional(Type.String()),
    machine: Type.Optional(
      Type.Object({ machineId: Type.String(), driver: Type.String(), isolation: Type.String() }, { additionalProperties: false }),
    ),
    display: Type.Object({ width: Type.Integer(), height: Type.Integer() }, { additionalProperties: false }),
    /** The guest's marks, ms after its boot. */
    marks: Type.Record(Type.String(), Type.Integer()),
    services: Type.Array(ServiceState),
    /** How its picture is, as viewer and guest said last; of a session that is not over, once somebody has looked at it. */
    quality: Type.Optional(Quality),
    /** Where it may go, by which way it leaves, and what has gone. */
    egress: Type.Optional(SessionEgress),
    /** What viewers show over the desktop. */
    watermark: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Session = Static<typeof Session>;

/** Body of a heartbeat, which may be left out. */
export const HeartbeatBody = Type.Object({ quality: Type.Optional(ViewerQuality) }, { additionalProperties: false });
export type HeartbeatBody = Static<typeof HeartbeatBody>;

export const SessionStarted = Type.Object(
  { sessionId: SessionId, status: Type.Enum([...SESSION_STATUSES]), viewer: Viewer },
  { additionalProperties: false },
);
export type SessionStarted = Static<typeof SessionStarted>;

/** Every reply that is not 2xx. `code` is stable, `message` is for people, `fields` names each wrong field of a 400. */
export const ApiError = Type.Object(
  {
    error: Type.Object(
      {
        code: Type.Enum([...ERROR_CODES]),
        message: Type.String(),
        fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }, { additionalProperties: false }))),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type ApiError = Static<typeof ApiError>;

export const IceServers = Type.Object(
  {
    iceServers: Type.Array(
      Type.Object(
        { urls: Type.Array(Type.String()), username: Type.Optional(Type.String()), credential: Type.Optional(Type.String()) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type IceServers = Static<typeof IceServers>;
