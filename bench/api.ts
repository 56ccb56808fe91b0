import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Guests } from './api/guests.ts';
import { SDP } from './api/sdp.ts';
import { bundleFakeMachines, FakeMachinesController } from './kit/fake-controller.ts';
import { Connections } from './kit/http.ts';
import { askAtRate } from './kit/open-loop.ts';
import { readRssMib, watchCpu } from './kit/process-use.ts';
import type { Report } from './kit/report.ts';
import { toSummary } from './kit/stats.ts';
import { readWords, toCount } from './kit/words.ts';

/*
 * What the controller costs with many sessions, its machines being fakes that cost it nothing but what it does for each:
 * a process to watch, a console to follow, a listener, a way out, an agent in a long poll.
 */
const STEPS = [10, 100, 300];
const MOST = { statusP99Ms: 15, answerMs: 10, startsPerSecond: 100, rssMib: 180, idleRssMib: 90, idlePercent: 2 };
/** Starts that a product's back end has on their way at a time. */
const STARTERS = 16;
const SETTLE_MS = 3_000;
/** Eight seconds after the last start V8 sweeps what the starts have left: that is not what it costs to be there. */
const IDLE = { afterMs: 12_000, seconds: 30 };
/** Every address that a slot can have is this host's, with or without an interface: there are no namespaces. */
const SLOT_ADDRESSES = '100.96.0.0/16';

interface Step {
  sessions: number;
  startsPerSecond: number;
  readyMs: number;
  rssMib: number;
  idlePercent: number;
  status: number[];
  answer: number[];
}

interface Bench {
  origin: string;
  key: string;
  pid: number;
  viewers: Connections;
  ids: string[];
}

/** `--sessions 1000 --rate 500 --seconds 20`; `--node='--cpu-prof …'` is given to the controller's Node. */
export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { sessions: '1000', rate: '500', seconds: '20', node: '' });
  const most = toCount(words.sessions);
  execFileSync('ip', ['route', 'add', 'local', SLOT_ADDRESSES, 'dev', 'lo']);
  const guests = new Guests();
  const env = { ORIEL_MAX_SESSIONS: String(most), ORIEL_MEMORY_MIB: '256', ORIEL_MEMORY_SHARE: '0.01', ORIEL_CPU_PRESSURE_MOST: '100' };
  const program = await bundleFakeMachines();
  const controller = new FakeMachinesController(program, env, words.node.split(' ').filter(Boolean), (booted) => guests.play(booted));
  const viewers = new Connections();
  try {
    const { url, key } = await controller.serving();
    const bench: Bench = { origin: url, key, pid: controller.pid, viewers, ids: [] };
    await sleep(SETTLE_MS);
    const idle = { rssMib: readRssMib(bench.pid), percent: await watchIdle(bench) };
    const steps: Step[] = [];
    for (const sessions of [...STEPS.filter((step) => step < most), most]) {
      steps.push(await measureStep(bench, sessions, toCount(words.rate), toCount(words.seconds)));
      const { status, answer, ...rest } = steps.at(-1)!;
      console.log(JSON.stringify({ ...rest, statusP99: toSummary(status).p99, answer: toSummary(answer).median }));
    }
    return toReport(idle, steps, [...guests.errors]);
  } finally {
    guests.stop();
    viewers.close();
    await controller.stop();
  }
}

async function measureStep(bench: Bench, sessions: number, rate: number, seconds: number): Promise<Step> {
  const started = performance.now();
  const more = sessions - bench.ids.length;
  await startMore(bench, sessions);
  const startsPerSecond = (more * 1000) / (performance.now() - started);
  await untilReady(bench);
  const readyMs = (performance.now() - started) / more;
  const idlePercent = await watchIdle(bench);
  const status = await askAtRate(rate, seconds, (count) => askStatus(bench, bench.ids[(count * 7) % bench.ids.length]!));
  const answer = [];
  for (let count = 0; count < 200; count++) answer.push(await exchange(bench, bench.ids[(count * 13) % bench.ids.length]!));
  return { sessions, startsPerSecond, readyMs, rssMib: readRssMib(bench.pid), idlePercent, status, answer };
}

async function watchIdle({ pid }: Bench): Promise<number> {
  await sleep(IDLE.afterMs);
  return watchCpu(pid, IDLE.seconds);
}

async function startMore(bench: Bench, sessions: number): Promise<void> {
  let begun = bench.ids.length;
  const starter = async () => {
    while (begun < sessions) {
      const body = { userId: `user-${begun++}`, provider: 'desktop' };
      bench.ids.push((await ask<SessionStarted>(bench, 'POST', '/api/auth/start', body)).sessionId);
    }
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
}

async function untilReady(bench: Bench): Promise<void> {
  for (const id of bench.ids) {
    for (let since = ''; ;) {
      const session = await ask<Session>(bench, 'GET', `/api/auth/session/${id}${since && `?wait=25&since=${since}`}`);
      if (session.status === 'vm_created') break;
      if (session.reason) throw new Error(`session ${session.status}: ${session.reason.message}`);
      since = session.updatedAt;
    }
  }
}

async function askStatus(bench: Bench, id: string): Promise<void> {
  await ask(bench, 'GET', `/api/auth/session/${id}`);
}

/** ms from an offer's post to its answer in the viewer's hands; the guest takes no time of its own. */
async function exchange(bench: Bench, id: string): Promise<number> {
  const started = performance.now();
  const path = `/api/webrtc/session/${id}`;
  const { offerId } = await ask<{ offerId: string }>(bench, 'POST', `${path}/offer`, { offer: { type: 'offer', sdp: SDP }, page: 'one' });
  await ask(bench, 'GET', `${path}/answer?wait=25&offerId=${offerId}`);
  return performance.now() - started;
}

async function ask<T>({ origin, key, viewers }: Bench, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const { status, text } = await viewers.ask({ method, url: `${origin}${path}`, bearer: key, body });
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

function toReport(idle: { rssMib: number; percent: number }, steps: Step[], errors: string[]): Report {
  const last = steps.at(-1)!;
  const first = steps[0]!;
  const verdict = (name: string, value: number, limit: number, unit: string, isMet = value <= limit) =>
    `${name}: ${value.toFixed(1)} ${unit}, ${limit} wanted: ${isMet ? 'met' : 'MISSED'}`;
  const perSession = steps
    .slice(1)
    .map(({ sessions, rssMib }) => `${sessions}: ${Math.round(((rssMib - first.rssMib) * 1024) / (sessions - first.sessions))}`);
  return {
    rows: steps.flatMap(({ sessions, status, answer }) => [
      { name: `status, ${sessions} sessions`, samples: status },
      { name: `offer → answer, ${sessions} sessions`, samples: answer },
    ]),
    facts: { sessions: last.sessions, idle, steps: steps.map(({ status: _, answer: __, ...rest }) => rest) },
    lines: [
      verdict('status p99', toSummary(last.status).p99, MOST.statusP99Ms, 'ms'),
      verdict('offer → answer, median', toSummary(last.answer).median, MOST.answerMs, 'ms'),
      verdict('starts accepted', last.startsPerSecond, MOST.startsPerSecond, 'a second', last.startsPerSecond >= MOST.startsPerSecond),
      verdict('memory without a session', idle.rssMib, MOST.idleRssMib, 'MiB'),
      verdict(`memory with ${last.sessions} sessions`, last.rssMib, MOST.rssMib, 'MiB'),
      verdict('processor without a session', idle.percent, MOST.idlePercent, '%'),
      verdict(`processor with ${last.sessions} sessions that nobody looks at`, last.idlePercent, MOST.idlePercent, '%'),
      `memory of one more session, KiB, up to … sessions: ${perSession.join(', ')}`,
      ...errors.map((error) => `ERROR: ${error}`),
    ],
  };
}
