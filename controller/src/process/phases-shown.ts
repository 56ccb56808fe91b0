import { CLAIM, PHASES, type Phase, type Session } from '#contract/session';
import { isFinal } from '../sessions/transitions.ts';

const SHOWN: string[] = ['image', ...PHASES];
/** Of a session on a machine that was ready before it. */
const SHOWN_OF_CLAIM = ['image', CLAIM];

/** Prints each phase with its seconds, to the first version that can be viewed or is final, and gives that one. On a terminal the running phase counts. */
export async function showPhases(versions: AsyncIterable<Session | undefined>, out: NodeJS.WriteStream): Promise<Session | undefined> {
  let shown = 0;
  let running: Phase | undefined;
  const timer = setInterval(() => out.isTTY && running && out.write(`\r${toLine(running, Date.now())}`), 100);
  try {
    for await (const session of versions) {
      if (!session) continue;
      const phases = [toImagePhase(session), ...session.phases];
      for (const phase of phases.slice(shown).filter((one) => one.endedAt)) {
        out.write(`${out.isTTY ? '\r' : ''}${toLine(phase)}\n`);
        shown++;
      }
      running = phases[shown];
      if (session.status === 'vm_created' || isFinal(session.status)) return session;
    }
    return undefined;
  } finally {
    clearInterval(timer);
  }
}

/** A pending session waits for its image to be checked and mounted: at once, but for the first. */
function toImagePhase({ createdAt, phases: [first] }: Session): Phase {
  const end = first && { endedAt: first.startedAt, ms: Date.parse(first.startedAt) - Date.parse(createdAt) };
  return { name: 'image', startedAt: createdAt, ...end };
}

/** `  3/5 machine   0.41 s` */
export function toLine(phase: Phase, now = 0): string {
  const all = phase.name === CLAIM ? SHOWN_OF_CLAIM : SHOWN;
  const number = all.indexOf(phase.name) + 1;
  const ms = phase.ms ?? Math.max(0, now - Date.parse(phase.startedAt));
  return `  ${number}/${all.length} ${phase.name.padEnd(8)} ${(ms / 1000).toFixed(2).padStart(6)} s`;
}
