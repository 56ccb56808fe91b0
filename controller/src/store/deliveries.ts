import type { SessionEvent } from '#contract/event';
import type { EventTable } from './events.ts';
import type { Sql } from './sql.ts';

/** An event that a receiver is still owed. */
export interface Delivery {
  url: string;
  eventId: number;
  /** The same at every try, and of no other event of any controller. */
  id: string;
  payload: string;
  /** ISO 8601: since when it is owed. */
  createdAt: string;
}

export interface DeliveryTable {
  /** From now on these receivers, and no others, are owed what happens; a new one nothing of before. Returns how many owed to others were dropped. */
  owe(urls: readonly string[]): number;
  /** Makes deliveries of the next events that this receiver has none of; false when there are no more. */
  fill(url: string, toPayload: (event: SessionEvent) => string, at: string): boolean;
  /** The oldest ones after this event. */
  pending(url: string, after: number, limit: number): Delivery[];
  remove(url: string, eventId: number): void;
  /** How many, and since when the oldest. */
  backlog(url: string): { pending: number; oldest: string | undefined };
}

/** Events a transaction. */
const FILL = 100;
const INSERT = 'insert into webhook_deliveries (url, event_id, message_id, payload, created_at) values ($1, $2, $3, $4, $5)';
const PENDING = `select url, event_id as "eventId", message_id as id, payload, created_at as "createdAt" from webhook_deliveries
  where url = $1 and event_id > $2 order by event_id limit $3`;
const BACKLOG = 'select count(*) as pending, min(created_at) as oldest from webhook_deliveries where url = $1';

export function createDeliveryTable(sql: Sql, events: EventTable): DeliveryTable {
  const cursorOf = (url: string) => sql.one<{ id: number }>('select event_id as id from webhook_endpoints where url = $1', url)?.id;
  return {
    owe: (urls) => sql.atomically(() => owe(sql, events, urls)),
    fill: (url, toPayload, at) =>
      sql.atomically(() => {
        const next = events.after(cursorOf(url) ?? events.last(), FILL);
        for (const event of next) sql.run(INSERT, url, event.id, `evt_${event.sessionId}_${event.id}`, toPayload(event), at);
        if (next.length > 0) sql.run('update webhook_endpoints set event_id = $2 where url = $1', url, next.at(-1)!.id);
        return next.length === FILL;
      }),
    pending: (url, after, limit) => sql.all<Delivery>(PENDING, url, after, limit).map((row) => ({ ...row })),
    remove: (url, eventId) => void sql.run('delete from webhook_deliveries where url = $1 and event_id = $2', url, eventId),
    backlog: (url) => {
      const { pending, oldest } = sql.one<{ pending: number; oldest: string | null }>(BACKLOG, url)!;
      return { pending, oldest: oldest ?? undefined };
    },
  };
}

function owe(sql: Sql, events: EventTable, urls: readonly string[]): number {
  const known = sql.all<{ url: string }>('select url from webhook_endpoints').map(({ url }) => url);
  const gone = known.filter((url) => !urls.includes(url));
  const dropped = gone.map((url) => sql.run('delete from webhook_deliveries where url = $1', url));
  for (const url of gone) sql.run('delete from webhook_endpoints where url = $1', url);
  for (const url of urls.filter((one) => !known.includes(one)))
    sql.run('insert into webhook_endpoints (url, event_id) values ($1, $2)', url, events.last());
  return dropped.reduce((sum, count) => sum + count, 0);
}
