import type { ServiceState } from '#contract/guest';
import type { PhaseName, Session } from '#contract/session';
import { isOver, isViewable } from './session-watch.ts';
import { STRINGS } from './strings.ts';

/** The contract's name; of that only types come here. */
const CLAIM: PhaseName = 'claim';

export type Step = { label: string; state: 'done' | 'running' | 'waiting' | 'failed'; ms: number | undefined };

export type Progress = {
  tone: 'busy' | 'bad' | 'over';
  title: string;
  message: string | undefined;
  /** Of the machine, where they tell why it failed. */
  lastLines: readonly string[];
  code: string | undefined;
  steps: Step[];
  /** For who wants to know more about a failure. */
  services: ServiceState[];
  console: readonly string[];
};

/** What is known while there is no picture. Times are of this page's clock, ms since the epoch. */
export type Waiting = {
  session: Session | undefined;
  trouble: { status: number; code: string; isFinal: boolean } | undefined;
  hadPicture: boolean;
  lostWhy: string | undefined;
  console: readonly string[];
  /** When this page began to connect, and when the guest first answered. */
  connectingAt: number | undefined;
  answeredAt: number | undefined;
  now: number;
  /** How much this page's clock is ahead of the controller's. */
  skewMs: number;
};

/** What the card over the desktop says. */
export function toProgress(waiting: Waiting): Progress {
  const { session, trouble } = waiting;
  if (trouble?.isFinal) return { ...NOTHING, tone: 'bad', title: STRINGS.refused, message: toRefusal(trouble), code: trouble.code };
  if (session && isOver(session.status)) return toEnd(session, waiting);
  const message = trouble ? STRINGS.unreachable : (toServiceTrouble(session) ?? waiting.lostWhy);
  if (waiting.hadPicture) return { ...NOTHING, tone: 'busy', title: STRINGS.reconnecting, message };
  const title = session && isViewable(session.status) ? STRINGS.connecting : STRINGS.starting;
  return { ...NOTHING, tone: 'busy', title, message, steps: toSteps(waiting) };
}

const PHASES = Object.keys(STRINGS.phases).filter((name) => name !== CLAIM);

const NOTHING = { lastLines: [], code: undefined, steps: [], services: [], console: [] };

/** How much a clock that read `now` when a session changed at `updatedAt` is ahead, at most: the news was a little on its way. */
export function toSkewMs(now: number, updatedAt: string, before: number | undefined): number {
  const skew = now - Date.parse(updatedAt);
  return before === undefined ? skew : Math.min(before, skew);
}

/** Services that have ended and are not there again. */
function toServiceTrouble(session: Session | undefined): string | undefined {
  const ended = session?.services.filter(({ state, restarts }) => restarts > 0 && state !== 'ready') ?? [];
  return ended.map(({ name, restarts, reason }) => STRINGS.serviceEnded(name, restarts, reason)).join('; ') || undefined;
}

function toRefusal({ status, code }: { status: number; code: string }): string {
  if (code === 'no_session') return STRINGS.noSession;
  if (code === 'no_token') return STRINGS.noToken;
  if (code === 'viewer_revoked') return STRINGS.revoked;
  return status === 404 || status === 410 ? STRINGS.notFound : STRINGS.unauthorized;
}

function toEnd(session: Session, waiting: Waiting): Progress {
  const hasFailed = session.status === 'failed';
  const [why = '', ...lastLines] = session.reason?.message.split('\n') ?? [];
  return {
    tone: hasFailed ? 'bad' : 'over',
    title: STRINGS.ended[session.status] ?? session.status,
    message: [toSentence(why), session.status === 'completed' ? '' : STRINGS.whatNow].filter(Boolean).join(' '),
    lastLines,
    code: session.reason?.code,
    steps: hasFailed && !waiting.hadPicture ? toLastSteps(session, waiting) : [],
    services: hasFailed ? session.services : [],
    console: waiting.console,
  };
}

/** The controller's words start in lower case and have no full stop. The machine's last lines follow on lines of their own. */
function toSentence(words: string): string {
  const text = words.replace(/; its last lines:$/, '').trim();
  return text && text[0]!.toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');
}

/** Between the end of the phase that failed and that of its session nothing has to be waited for. */
const AT_ONCE_MS = 1_000;

/** The phases as they were when the session failed: the one that ran is the one that did. */
function toLastSteps(session: Session, waiting: Waiting): Step[] {
  const last = session.phases.at(-1);
  const failed = last && Date.parse(session.updatedAt) - Date.parse(last.endedAt ?? session.updatedAt) < AT_ONCE_MS ? last : undefined;
  const label = failed && (STRINGS.phases[failed.name] ?? failed.name);
  return toPhaseSteps(session, waiting).map((step) => (step.label === label ? { ...step, state: 'failed', ms: failed?.ms } : step));
}

function toSteps(waiting: Waiting): Step[] {
  const { session, connectingAt, answeredAt, now } = waiting;
  return [
    ...toPhaseSteps(session, waiting),
    toOwnStep(STRINGS.connection, connectingAt, answeredAt, now),
    toOwnStep(STRINGS.picture, answeredAt, undefined, now),
  ];
}

/** The phases of a session, in their order, and any others that this one tells of. On a desktop that was ready before it, there is one. */
function toPhaseSteps(session: Session | undefined, { now, skewMs }: Waiting): Step[] {
  const phases = new Map(session?.phases.map((phase) => [phase.name, phase]));
  return [...new Set([...(phases.has(CLAIM) ? [CLAIM] : PHASES), ...phases.keys()])].map((name) => {
    const [label, phase] = [STRINGS.phases[name] ?? name, phases.get(name)];
    if (!phase) return { label, state: 'waiting', ms: undefined };
    if (phase.endedAt === undefined) return { label, state: 'running', ms: Math.max(0, now - skewMs - Date.parse(phase.startedAt)) };
    return { label, state: 'done', ms: phase.ms ?? Date.parse(phase.endedAt) - Date.parse(phase.startedAt) };
  });
}

function toOwnStep(label: string, from: number | undefined, until: number | undefined, now: number): Step {
  if (from === undefined) return { label, state: 'waiting', ms: undefined };
  return { label, state: until === undefined ? 'running' : 'done', ms: (until ?? now) - from };
}
