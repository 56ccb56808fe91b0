/** Why a connection was not made: what it asked for (syntax, address, name, rule), or too much of it (rate, connections, bytes). */
export const REFUSALS = ['syntax', 'address', 'name', 'rule', 'rate', 'connections', 'bytes', 'stranger', 'closed'] as const;
export type RefusalKind = (typeof REFUSALS)[number];
export type Refusals = Partial<Record<RefusalKind, number>>;
