import type { SessionStatus } from '#contract/session';
import type { MachineRow } from '../store/machines.ts';
import { isFinal } from './transitions.ts';

/**
 * What becomes of a session, and of the machine recorded for it, when a controller starts.
 *
 *   session                          its machine                     fate
 *   pending                          any                             again: what is half made goes, a new one comes up
 *   vm_creating                      none, or its process or guest   again
 *                                    is not known
 *   vm_created, authenticating       the same                        lose
 *   vm_creating                      at the gate, not told who it is again
 *   vm_creating                      runs                            adopt, and wait on for what is left of the way
 *   vm_created, authenticating       runs                            adopt, and serve at once
 *   each of these three              has ended                       adopt: how it ended is the session's reason
 *   each that is not over            cannot be told now              keep: all is left as it is, for the next start
 *   pending                          claimed from the pool, runs     adopt: it goes on with that
 *   over, or none                    any other                       reap
 *   none: in the warm pool           runs, and knows who it is       warm: it is in the next one's pool
 *   none: in the warm pool           cannot be told now              keep
 */
export type Fate = 'again' | 'adopt' | 'lose' | 'keep' | 'reap' | 'warm';

/** What was found of a recorded machine; `unproven` where no process is recorded, or its driver cannot tell which it is. */
export type Finding = 'runs' | 'ended' | 'unproven' | 'untold';

export function toFate(status: SessionStatus | undefined, row: MachineRow | undefined, finding: Finding): Fate {
  if (row && row.sessionId === undefined) return toWarmFate(row, finding);
  if (status === undefined || isFinal(status)) return 'reap';
  if (row && finding === 'untold') return 'keep';
  if (status === 'pending') return row?.warmKey !== undefined && finding === 'runs' && row.state !== 'ending' ? 'adopt' : 'again';
  const isComingUp = status === 'vm_creating';
  if (!row || finding === 'unproven' || row.state === 'ending' || isStranger(row)) return isComingUp ? 'again' : 'lose';
  if (finding === 'runs' && isComingUp && row.isGated && row.secretHash === undefined) return 'again';
  return 'adopt';
}

function toWarmFate(row: MachineRow, finding: Finding): Fate {
  if (finding === 'untold') return 'keep';
  const isAtGate = row.isGated && row.secretHash === undefined;
  return finding === 'runs' && row.state !== 'ending' && !isStranger(row) && !isAtGate ? 'warm' : 'reap';
}

/** Whose guest could not be told from anybody else: a release before wrote nothing down of it. */
function isStranger({ tokenHash, secretHash }: MachineRow): boolean {
  return tokenHash === undefined && secretHash === undefined;
}
