import type { ViewerRole } from '#contract/viewer-role';
import type { Sql } from './sql.ts';

export interface StoredViewer {
  peerId: string;
  role: ViewerRole;
  /** ISO 8601. */
  createdAt: string;
  /** Who asked for it: `key:product`. */
  createdBy: string;
  /** Of its newest token. */
  expiresAt: string;
  revokedAt?: string | undefined;
}

export interface ViewerTable {
  insert(sessionId: string, viewer: StoredViewer): void;
  renewed(peerId: string, expiresAt: string): void;
  /** Of one session, the oldest first. */
  list(sessionId: string): StoredViewer[];
  /** It survives loss of power once this returns. False when the session has no such viewer, or it was revoked before. */
  revoke(sessionId: string, peerId: string, at: string): boolean;
}

interface Row {
  peer_id: string;
  role: ViewerRole;
  created_at: string;
  created_by: string;
  expires_at: string;
  revoked_at: string | null;
}

const INSERT = 'insert into viewers (peer_id, session_id, role, created_at, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)';
const REVOKE = 'update viewers set revoked_at = $3 where session_id = $1 and peer_id = $2 and revoked_at is null';

export function createViewerTable(sql: Sql): ViewerTable {
  return {
    insert: (sessionId, { peerId, role, createdAt, createdBy, expiresAt }) =>
      void sql.run(INSERT, peerId, sessionId, role, createdAt, createdBy, expiresAt),
    renewed: (peerId, expiresAt) => void sql.run('update viewers set expires_at = $2 where peer_id = $1', peerId, expiresAt),
    list: (sessionId) => sql.all<Row>('select * from viewers where session_id = $1 order by created_at, peer_id', sessionId).map(toViewer),
    revoke: (sessionId, peerId, at) => sql.durably(() => sql.run(REVOKE, sessionId, peerId, at)) > 0,
  };
}

function toViewer(row: Row): StoredViewer {
  return {
    peerId: row.peer_id,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    ...(row.revoked_at && { revokedAt: row.revoked_at }),
  };
}
