import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import type { AuditTable } from '../store/audit.ts';
import type { SessionTable } from '../store/sessions.ts';
import { endDrain, setDrain } from './drain.ts';

export const DRAIN_USAGE = `usage: oriel drain [--reason TEXT] [--wait 8h]   no new session starts on this host, those that run go on; --wait: until they are over
       oriel undrain                              sessions start again`;

/** What was asked for cannot be done, or is not done in time; the message says what is. */
export class DrainInvalid extends Error {
  override readonly name = 'DrainInvalid';
}

export interface DrainDeps {
  dataDir: string;
  store: { sessions: Pick<SessionTable, 'list'>; audit: Pick<AuditTable, 'append'> };
  who: string;
  say: (line: string) => void;
  lookEveryMs?: number;
}

const LOOK_EVERY_MS = 1_000;
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** It is one line of /ready. */
const LONGEST_REASON = 200;

/** `drain` or `undrain` with its words. Works whether a controller runs or not: that looks at each start. Throws DrainInvalid. */
export async function changeDrain(verb: string, args: string[], deps: DrainDeps): Promise<void> {
  const { reason, waitMs } = parse(args);
  if (verb === 'undrain') return end(args, deps);
  const { dataDir, store, who, say } = deps;
  await setDrain(dataDir, reason, new Date().toISOString());
  store.audit.append({ who, action: 'host drained', ...(reason && { detail: reason }) });
  say(`no new session starts on this host; ${toCount(countOpen(deps))}`);
  if (waitMs !== undefined) await untilOver(deps, waitMs);
}

async function end(args: string[], { dataDir, store, who, say }: DrainDeps): Promise<void> {
  if (args.length > 0) throw new DrainInvalid(DRAIN_USAGE);
  if (!(await endDrain(dataDir))) return say('the host was not drained');
  store.audit.append({ who, action: 'host undrained' });
  say('sessions start again on this host');
}

async function untilOver(deps: DrainDeps, waitMs: number): Promise<void> {
  let said = countOpen(deps);
  for (const until = performance.now() + waitMs; said > 0; await sleep(deps.lookEveryMs ?? LOOK_EVERY_MS)) {
    const open = countOpen(deps);
    if (open !== said) deps.say(toCount(open));
    said = open;
    if (said > 0 && performance.now() > until)
      throw new DrainInvalid(`${toCount(said)} after that time: wait on, or end them (\`oriel down\` ends all)`);
  }
}

function countOpen({ store }: DrainDeps): number {
  return store.sessions.list(OPEN_STATUSES).length;
}

function toCount(open: number): string {
  return open === 0 ? 'none runs' : open === 1 ? '1 session runs' : `${open} sessions run`;
}

function parse(args: string[]): { reason?: string; waitMs?: number } {
  try {
    const { values } = parseArgs({ args, options: { reason: { type: 'string' }, wait: { type: 'string' } } });
    const { reason, wait } = values;
    if (reason !== undefined && !/^\P{Cc}+$/u.test(reason)) throw new DrainInvalid('--reason: one line of text is wanted');
    if ((reason?.length ?? 0) > LONGEST_REASON) throw new DrainInvalid(`--reason: ${LONGEST_REASON} characters at most`);
    return { ...(reason && { reason }), ...(wait !== undefined && { waitMs: toMs(wait) }) };
  } catch (error) {
    if (error instanceof DrainInvalid) throw error;
    throw new DrainInvalid(`${(error as Error).message}\n${DRAIN_USAGE}`, { cause: error });
  }
}

function toMs(text: string): number {
  const [, count, unit] = /^(\d{1,4})([smhd])$/.exec(text) ?? [];
  if (!count) throw new DrainInvalid(`--wait: ${JSON.stringify(text)} is not like 90s, 30m or 8h`);
  return Number(count) * UNITS[unit!]!;
}
