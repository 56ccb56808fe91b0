import { Type, type Static } from '#contract/schema';

/*
 * HTTP on a Unix socket that root alone can connect to. The controller may come and go; the process and its connections stay.
 *
 *   GET    /state         → State
 *   GET    /life          → never answered: it ends with the process
 *   PUT    /slots/:index  OpenSlot → 204; the same again changes nothing, another lease ends what the slot had
 *   DELETE /slots/:index  → SlotCounts once every connection is closed; 404 when it is not open
 *   POST   /stop          → 204, then the end
 */

/** Raise it when a controller could not speak with an older process: that one is then replaced, not adopted. */
export const EGRESS_PROTOCOL = 1;

export const SOCKET_NAME = 'egress.sock';

const Ipv4 = Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$' });

export const OpenSlot = Type.Object(
  {
    index: Type.Integer({ minimum: 0 }),
    hostAddress: Ipv4,
    routerAddress: Ipv4,
    machineId: Type.String({ minLength: 1, maxLength: 64 }),
    /** URL of the proxy that this clone goes out by, with its password. Straight out without. */
    upstream: Type.Optional(Type.String({ maxLength: 2048, pattern: '^(https?|socks|socks4a?|socks5h?)://' })),
  },
  { additionalProperties: false },
);
export type OpenSlot = Static<typeof OpenSlot>;

export interface SlotCounts {
  machineId: string;
  /** Connections now, and since the slot was opened. */
  open: number;
  connections: number;
  /** Bytes from the clone, and to it. */
  bytesUp: number;
  bytesDown: number;
}

export interface State {
  protocol: number;
  pid: number;
  slots: Record<string, SlotCounts>;
  /** What went through slots that are closed by now; a process of the release before does not tell. */
  closed?: { connections: number; bytesUp: number; bytesDown: number };
}
