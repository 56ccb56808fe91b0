import { EgressRules } from '#contract/egress';
import { Type, type Static } from '#contract/schema';
import type { Refusals } from './refused-kinds.ts';

/*
 * HTTP on a Unix socket that root alone can connect to. The controller may come and go; the process and its connections stay.
 *
 *   GET    /state         → State
 *   GET    /life          → never answered: it ends with the process
 *   PUT    /slots/:index  OpenSlot → 204; the same again changes nothing, another lease ends what the slot had
 *   DELETE /slots/:index  → SlotCounts once every connection is closed; 404 when it is not open
 *   POST   /probes        Probe → Probed
 *   POST   /stop          → 204, then the end
 */

/** Raise it when a controller could not speak with an older process: that one is then replaced, not adopted. */
export const EGRESS_PROTOCOL = 2;

export const SOCKET_NAME = 'egress.sock';

const Ipv4 = Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$' });

/** A proxy that others run. */
export const Upstream = Type.Object(
  {
    protocol: Type.Enum(['http', 'https', 'socks5']),
    host: Type.String({ minLength: 1, maxLength: 253 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    password: Type.Optional(Type.String({ maxLength: 255 })),
  },
  { additionalProperties: false },
);
export type Upstream = Static<typeof Upstream>;

/** Straight out, by an upstream, or (as when an operator took the upstream away) not at all. */
export const Way = Type.Union([Type.Literal('direct'), Type.Literal('none'), Upstream]);
export type Way = Static<typeof Way>;

/** Of one clone. */
export const EgressLimits = Type.Object(
  {
    connections: Type.Integer({ minimum: 1, description: 'At one time.' }),
    connectionsPerSecond: Type.Number({ exclusiveMinimum: 0, description: 'New ones; three seconds’ worth at once.' }),
    bytes: Type.Optional(Type.Integer({ minimum: 1, description: 'Both ways together; without end when missing.' })),
  },
  { additionalProperties: false },
);
export type EgressLimits = Static<typeof EgressLimits>;

export const OpenSlot = Type.Object(
  {
    index: Type.Integer({ minimum: 0 }),
    hostAddress: Ipv4,
    routerAddress: Ipv4,
    machineId: Type.String({ minLength: 1, maxLength: 64 }),
    way: Way,
    rules: EgressRules,
    limits: EgressLimits,
  },
  { additionalProperties: false },
);
export type OpenSlot = Static<typeof OpenSlot>;

/** Whether something can be reached by a way. */
export const Probe = Type.Object(
  {
    way: Way,
    /** What is fetched; without it an upstream has to take a connection, and that is all. */
    url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2048 })),
    timeoutMs: Type.Integer({ minimum: 1, maximum: 60_000 }),
  },
  { additionalProperties: false },
);
export type Probe = Static<typeof Probe>;

export interface Probed {
  /** Why it could not; missing when it could. Names neither the upstream nor its password. */
  why?: string;
  /** From which the target saw it come, where the target tells that. */
  address?: string;
  ms: number;
}

export interface SlotCounts {
  machineId: string;
  /** Connections now, and since the slot was opened. */
  open: number;
  connections: number;
  /** Bytes from the clone, and to it. */
  bytesUp: number;
  bytesDown: number;
  refused: Refusals;
}

export interface State {
  protocol: number;
  pid: number;
  slots: Record<string, SlotCounts>;
  /** What went through slots that are closed by now. */
  closed?: Counts;
}

/** What went through. */
export type Counts = Pick<SlotCounts, 'connections' | 'bytesUp' | 'bytesDown' | 'refused'>;
