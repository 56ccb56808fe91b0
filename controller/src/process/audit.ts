import type { Logger } from 'pino';
import type { AuditTable } from '../store/audit.ts';

/** The audit, which stands in the log where it cannot be written down: on a full disk a session can still be ended. */
export function createAudit(table: AuditTable, log: Logger): AuditTable {
  return {
    ...table,
    append(entry, at) {
      try {
        table.append(entry, at);
      } catch (error) {
        log.error({ err: error, ...entry }, 'audit cannot be written down');
      }
    },
  };
}
