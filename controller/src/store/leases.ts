import type { Sql } from './sql.ts';

/** Whose an upstream is. Nothing that is secret: the upstream is a name in the operator's file. */
export interface LeaseRow {
  upstream: string;
  userId: string;
  /** ISO 8601. */
  since: string;
  /** Since when its user has no session; missing while there is one. */
  idleSince?: string;
}

export interface LeaseTable {
  list(): LeaseRow[];
  /** It is the user's, who has no other one from now on. Throws when it is somebody's. */
  take(row: Omit<LeaseRow, 'idleSince'>): void;
  setIdle(upstream: string, since: string | undefined): void;
  remove(upstream: string): void;
}

interface Row {
  upstream: string;
  user_id: string;
  since: string;
  idle_since: string | null;
}

export function createLeaseTable(sql: Sql): LeaseTable {
  return {
    list: () =>
      sql.all<Row>('select * from leases order by since, upstream').map(({ upstream, user_id, since, idle_since }) => ({
        ...{ upstream, userId: user_id, since },
        ...(idle_since !== null && { idleSince: idle_since }),
      })),
    take: ({ upstream, userId, since }) =>
      sql.atomically(() => {
        sql.run('delete from leases where user_id = $1', userId);
        sql.run('insert into leases (upstream, user_id, since) values ($1, $2, $3)', upstream, userId, since);
      }),
    setIdle: (upstream, since) => void sql.run('update leases set idle_since = $2 where upstream = $1', upstream, since ?? null),
    remove: (upstream) => void sql.run('delete from leases where upstream = $1', upstream),
  };
}
