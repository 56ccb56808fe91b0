import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { toMedian } from './kit/stats.ts';
import { toVerdict } from './kit/target.ts';
import { readWords, toCount, toNames } from './kit/words.ts';

/*
 * A boot, milestone by milestone; nobody looks at the desktop.
 *
 *   process starts ─► init ─► services start (s6) ─► X ─► agent ─► terminal's window ─► Chromium's window
 *   process starts ─► awake, a copy of one that has X ────► agent ─► …
 *
 * Times count from the moment at which the controller sets about starting the machine. The guest's own marks count from its boot or its
 * waking, of which init's or the gate's line tells: the shim writes down when it came.
 */
const KINDS = {
  container: { ORIEL_DRIVER: 'container' },
  qemu: { ORIEL_DRIVER: 'qemu' },
  'qemu-copy': { ORIEL_DRIVER: 'qemu', ORIEL_SNAPSHOTS: '1' },
} as const;
type Kind = keyof typeof KINDS;

type Mark = 'init' | 'services' | 'inInit' | 'x' | 'awake' | 'agent' | 'terminal' | 'chromium';
type Boot = Partial<Record<Mark, number>>;

const WORDS: Record<Mark, string> = {
  init: 'init begins',
  services: 'services start',
  inInit: '  in init (duration)',
  x: 'X ready',
  awake: 'awake',
  agent: 'agent ready',
  terminal: 'terminal window',
  chromium: 'Chromium window',
};
const MOST_INIT_MS = 70;
const MOST_TERMINAL_MS: Partial<Record<Kind, number>> = { qemu: 30_000 };
const BOOT_LIMIT_MS = 300_000;
const REST_MS = 1_000;

export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { n: '10', kinds: Object.keys(KINDS).join() });
  const report: Report = { rows: [], facts: {}, lines: [] };
  const terminals: Partial<Record<Kind, number[]>> = {};
  for (const kind of toNames(words.kinds, Object.keys(KINDS) as Kind[])) {
    const boots = await withOriel((live) => measure(live, kind, toCount(words.n), report), KINDS[kind]);
    const samples = (name: Mark) => boots.flatMap((boot) => boot[name] ?? []);
    for (const [name, text] of Object.entries(WORDS) as [Mark, string][])
      if (samples(name).length > 0) report.rows.push({ name: `${kind} ${text}`, samples: samples(name) });
    terminals[kind] = samples('terminal');
    report.lines.push(...toVerdicts(kind, samples));
  }
  const [cold, copy] = [terminals.qemu, terminals['qemu-copy']];
  if (cold && copy) report.lines.push(`terminal window, a copy against a boot, p50: ${(toMedian(copy) / toMedian(cold)).toFixed(2)}`);
  return report;
}

function toVerdicts(kind: Kind, samples: (name: Mark) => number[]): string[] {
  const most = MOST_TERMINAL_MS[kind];
  return [
    ...(kind === 'container'
      ? [toVerdict({ name: 'container, in init', samples: samples('inInit'), most: { median: MOST_INIT_MS } })]
      : []),
    ...(most ? [toVerdict({ name: `${kind}, terminal window`, samples: samples('terminal'), most: { median: most } })] : []),
  ];
}

async function measure(live: Live, kind: Kind, n: number, report: Report): Promise<Boot[]> {
  report.facts.image = live.image;
  const boots: Boot[] = [];
  for (let count = 1; count <= n; count++) {
    await sleep(REST_MS);
    boots.push(await bootOnce(live, `boot-${count}`));
    console.log(`${kind} ${count}: ${JSON.stringify(boots.at(-1))}`);
  }
  return boots;
}

async function bootOnce(live: Live, userId: string): Promise<Boot> {
  const { client, oriel } = live;
  const { sessionId } = await client.startSession({ userId, provider: 'desktop' });
  try {
    const session = await waitForSession(client, sessionId, hasWindows, BOOT_LIMIT_MS);
    const dir = join(oriel.dir, 'data/machines', session.machine!.machineId);
    return toBoot(session, await readFile(join(dir, 'console.log'), 'utf8'));
  } finally {
    await client.stop(sessionId);
  }
}

/** ms since the machine's phase began. */
function toBoot({ phases, marks, machine }: Session, console: string): Boot {
  const zero = Date.parse(phases.find(({ name }) => name === 'machine')!.startedAt);
  const lines = toLines(console);
  const at = (pattern: RegExp) => lines.find(({ text }) => pattern.test(text))?.at;
  const first = lines.find(({ text }) => INIT.test(text));
  const awake = at(/^gate: awake/);
  // A container's marks count from init's start, a virtual machine's from its kernel's, a copy's from its waking.
  const booted = () => (machine!.isolation === 'virtual-machine' ? first!.at - Number(INIT.exec(first!.text)![1]) * 1000 : first!.at);
  const begun = awake ?? booted();
  const mark = (name: string) => begun + marks[name]! - zero;
  const windows = { agent: mark('agent'), terminal: mark('terminal'), chromium: mark('chromium') };
  if (awake !== undefined) return { awake: awake - zero, ...windows };
  const services = at(/^init: .*services start/)!;
  return { init: first!.at - zero, services: services - zero, inInit: services - first!.at, x: mark('x'), ...windows };
}

const INIT = /^init: ([\d.]+) s up/;

/** Lines of the shim's log, each with when it began to come: a serial port brings them in pieces, of which the last is marked F. */
function toLines(console: string): { at: number; text: string }[] {
  const lines: { at: number; text: string }[] = [];
  let isWhole = true;
  for (const [, at, end, piece] of console.matchAll(/^(\S+) stdout ([PF]) (.*)$/gm)) {
    if (isWhole) lines.push({ at: Date.parse(at!), text: piece!.replace(/\r$/, '') });
    else lines.at(-1)!.text += piece!.replace(/\r$/, '');
    isWhole = end === 'F';
  }
  return lines;
}
