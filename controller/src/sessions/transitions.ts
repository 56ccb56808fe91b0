import type { SessionStatus } from '#contract/session';

/*
 *  pending ──► vm_creating ──► vm_created ──► authenticating ──► completed
 *     ▲─────────────┤              │                │
 *     │             │              │                │
 *     └─────────────┴──────────────┴────────────────┴──► failed | expired | stopped
 *
 *  pending         written down, nothing made yet
 *  vm_creating     bring-up: the phases network, machine, boot, desktop; begun again when the controller ends on its way
 *  vm_created      the desktop can be viewed
 *  authenticating  a provider's sign-in runs on it
 *  the other four  final: everything that it had is being, or is, taken down
 */
const NEXT: Record<SessionStatus, readonly SessionStatus[]> = {
  pending: ['vm_creating', 'failed', 'expired', 'stopped'],
  vm_creating: ['vm_created', 'pending', 'failed', 'expired', 'stopped'],
  vm_created: ['authenticating', 'failed', 'expired', 'stopped'],
  authenticating: ['completed', 'failed', 'expired', 'stopped'],
  completed: [],
  failed: [],
  expired: [],
  stopped: [],
};

export type FinalStatus = 'completed' | 'failed' | 'expired' | 'stopped';

export const OPEN_STATUSES = (Object.keys(NEXT) as SessionStatus[]).filter((status) => !isFinal(status));

export function isFinal(status: SessionStatus): status is FinalStatus {
  return NEXT[status].length === 0;
}

export function isLegal(from: SessionStatus, to: SessionStatus): boolean {
  return NEXT[from].includes(to);
}
