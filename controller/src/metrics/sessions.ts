import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Move, Observer } from '../sessions/ledger.ts';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import type { Store } from '../store/store.ts';
import { ifPossible } from './if-possible.ts';

export interface SessionSource {
  store: { sessions: Pick<Store['sessions'], 'countByStatus'> };
  /** Slots that this host has, and those that are taken. */
  readSlots?: () => { used: number; all: number };
}

export type SessionMeter = Observer;

/** Seconds: from a copy of a snapshot to an emulated boot. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

/** What happens to sessions: their making by phase, count, fails and time; every transition. */
export function createSessionMeter(registers: Registry[]): SessionMeter {
  const moved = new Counter({
    name: 'oriel_session_transitions_total',
    help: 'Sessions by the status that they reached, with the code of the reason',
    labelNames: ['to', 'code'],
    registers,
  });
  const phases = new Histogram({
    name: 'oriel_session_phase_seconds',
    help: 'Time that each phase of bring-up took, whether it worked or not',
    labelNames: ['phase'],
    buckets: BUCKETS,
    registers,
  });
  const begun = new Counter({ name: 'oriel_session_bring_ups_total', help: 'Sessions whose desktop was begun', registers });
  const failed = new Counter({
    name: 'oriel_session_bring_up_failures_total',
    help: 'Sessions that failed before their desktop could be viewed, by the phase in which they did and the code of the reason',
    labelNames: ['phase', 'code'],
    registers,
  });
  const took = new Histogram({
    name: 'oriel_session_bring_up_seconds',
    help: 'Time from a session that was asked for to a desktop that can be viewed',
    buckets: BUCKETS,
    registers,
  });
  const refused = new Counter({
    name: 'oriel_admission_refusals_total',
    help: 'Starts that were refused because the host was full, by what it lacked: slots, memory or cpu',
    labelNames: ['of'],
    registers,
  });
  return {
    moved(move) {
      moved.inc({ to: move.to, code: move.reason?.code ?? '' });
      if (move.from === undefined) begun.inc();
      if (move.to === 'vm_created') took.observe(Math.max(0, Date.now() - Date.parse(move.session.createdAt)) / 1000);
      if (move.to === 'failed' && isBringUp(move)) failed.inc({ phase: toPhase(move), code: move.reason?.code ?? '' });
    },
    phaseEnded: (phase, ms) => phases.observe({ phase }, ms / 1000),
    refused: (of) => refused.inc({ of }),
  };
}

/** What is so of sessions at this moment. */
export function measureSessions(registers: Registry[], { store, readSlots }: SessionSource): void {
  new Gauge({
    name: 'oriel_sessions',
    help: 'Sessions that are not over, by status',
    labelNames: ['status'],
    registers,
    collect() {
      return ifPossible(() => {
        const counts = store.sessions.countByStatus();
        for (const status of OPEN_STATUSES) this.set({ status }, counts[status] ?? 0);
      });
    },
  });
  if (!readSlots) return;
  new Gauge({
    name: 'oriel_slots',
    help: 'Places for sessions on this host, free and used; a session that is being taken down still uses its own',
    labelNames: ['state'],
    registers,
    collect() {
      const { used, all } = readSlots();
      this.set({ state: 'used' }, used);
      this.set({ state: 'free' }, Math.max(0, all - used));
    },
  });
}

function isBringUp({ from }: Move): boolean {
  return from === 'pending' || from === 'vm_creating';
}

/** The one that ran last; before the first, the image was checked and mounted. */
function toPhase({ session }: Move): string {
  return session.phases.at(-1)?.name ?? 'image';
}
