import type { Logger } from 'pino';
import type { AuditTable } from '../store/audit.ts';
import type { Later } from '../store/later.ts';

/** The audit, which stands in the log until it can be written down: on a full disk a session can still be ended. */
export function createAudit(table: AuditTable, later: Later, log: Logger): AuditTable {
  return {
    ...table,
    append(entry, at = new Date().toISOString()) {
      const isWritten = later.do('audit', () => table.append(entry, at));
      if (!isWritten) log.error({ ...entry, at }, 'audit cannot be written down yet');
    },
  };
}
