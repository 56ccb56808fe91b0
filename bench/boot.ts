import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { toVerdict } from './kit/target.ts';
import { readWords, toCount, toNames } from './kit/words.ts';

/*
 * A boot, milestone by milestone; nobody looks at the desktop.
 *
 *   process starts ─► init ─► services start (s6) ─► X ─► agent ─► terminal's window ─► Chromium's window
 *
 * Times count from the moment at which the controller sets about starting the machine. The guest's own marks count from its boot, which
 * init's first line tells: the shim writes down when it came.
 */
const DRIVERS = ['container', 'qemu'] as const;
type Driver = (typeof DRIVERS)[number];

type Boot = Record<'init' | 'services' | 'inInit' | 'x' | 'agent' | 'terminal' | 'chromium', number>;

const WORDS: Record<keyof Boot, string> = {
  init: 'init begins',
  services: 'services start',
  inInit: '  in init (duration)',
  x: 'X ready',
  agent: 'agent ready',
  terminal: 'terminal window',
  chromium: 'Chromium window',
};
const MOST_INIT_MS = 70;
const MOST_TERMINAL_MS: Partial<Record<Driver, number>> = { qemu: 30_000 };
const BOOT_LIMIT_MS = 300_000;
const REST_MS = 1_000;

export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { n: '10', drivers: DRIVERS.join() });
  const report: Report = { rows: [], facts: {}, lines: [] };
  for (const driver of toNames(words.drivers, DRIVERS)) {
    const boots = await withOriel((live) => measure(live, driver, toCount(words.n), report), { ORIEL_DRIVER: driver });
    for (const [name, text] of Object.entries(WORDS))
      report.rows.push({ name: `${driver} ${text}`, samples: boots.map((boot) => boot[name as keyof Boot]) });
    const samples = (name: keyof Boot) => boots.map((boot) => boot[name]);
    if (driver === 'container')
      report.lines.push(toVerdict({ name: 'container, in init', samples: samples('inInit'), most: { median: MOST_INIT_MS } }));
    const most = MOST_TERMINAL_MS[driver];
    if (most) report.lines.push(toVerdict({ name: `${driver}, terminal window`, samples: samples('terminal'), most: { median: most } }));
  }
  return report;
}

async function measure(live: Live, driver: Driver, n: number, report: Report): Promise<Boot[]> {
  report.facts.image = live.image;
  const boots: Boot[] = [];
  for (let count = 1; count <= n; count++) {
    await sleep(REST_MS);
    boots.push(await bootOnce(live, `boot-${count}`));
    console.log(`${driver} ${count}: ${JSON.stringify(boots.at(-1))}`);
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
  const lines = [...console.matchAll(/^(\S+) stdout F init: ([\d.]+) s up: (.*)$/gm)].map(([, at, uptime, text]) => ({
    at: Date.parse(at!) - zero,
    uptimeMs: Number(uptime) * 1000,
    text: text!.trim(),
  }));
  const first = lines[0]!;
  const services = lines.find(({ text }) => text === 'services start')!.at;
  // A container's marks count from init's start, a virtual machine's from its kernel's.
  const booted = machine!.isolation === 'virtual-machine' ? first.at - first.uptimeMs : first.at;
  const mark = (name: string) => booted + marks[name]!;
  const windows = { x: mark('x'), agent: mark('agent'), terminal: mark('terminal'), chromium: mark('chromium') };
  return { init: first.at, services, inInit: services - first.at, ...windows };
}
