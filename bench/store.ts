import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp } from '../controller/src/store/backup.ts';
import { openStore, type Store } from '../controller/src/store/store.ts';
import type { Report } from './kit/report.ts';
import { toMedian } from './kit/stats.ts';
import { readWords, toCount } from './kit/words.ts';

const BASE = { owner: 'bench', userId: 'bench', provider: 'desktop', display: { width: 1280, height: 720 }, idempotencyKey: undefined };

/** A commit that survives loss of power and one that need not; then what a start with 1,000 sessions that are over, and a backup of it, take. */
export async function run(args: string[]): Promise<Report> {
  const { n, dir: parent } = readWords(args, { n: '500', dir: tmpdir() });
  const dir = mkdtempSync(join(parent, 'oriel-bench-store-'));
  try {
    const commits = [
      { name: 'a session is written down, synced to the disk', samples: timeCommits(join(dir, 'synced.db'), toCount(n), insert) },
      { name: 'its phase is written down, not synced', samples: timeCommits(join(dir, 'phase.db'), toCount(n), startPhase) },
    ];
    const big = makeBig(join(dir, 'big.db'), 1000);
    const open = time(() => openStore(big).close());
    const began = performance.now();
    await backUp(big, join(dir, 'copy.db'));
    const copied = performance.now() - began;
    const cost = toMedian(commits[0]!.samples) / toMedian(commits[1]!.samples);
    const mib = (statSync(big).size / 2 ** 20).toFixed(1);
    return {
      rows: [...commits, { name: `open and check ${mib} MiB`, samples: [open] }, { name: `back it up`, samples: [copied] }],
      facts: { directory: parent, sqlite: process.versions.sqlite },
      lines: [`a commit that survives loss of power takes ${cost.toFixed(1)} times as long as one that need not`],
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Write = (store: Store, count: number) => void;

const insert: Write = (store, count) => store.sessions.insert({ ...BASE, id: `s-${count}`, at: new Date().toISOString() });
const startPhase: Write = (store, count) => store.sessions.startPhase('s-0', `phase ${count}`, new Date().toISOString());

function timeCommits(path: string, n: number, write: Write): number[] {
  const store = openStore(path);
  if (write !== insert) insert(store, 0);
  const samples = Array.from({ length: n }, (_, count) => time(() => write(store, count)));
  store.close();
  return samples;
}

/** So many sessions that are over, each with all that hangs on it. */
function makeBig(path: string, count: number): string {
  const store = openStore(path);
  const at = new Date().toISOString();
  for (let index = 0; index < count; index++) {
    const id = `s-${index}`;
    store.sessions.insert({ ...BASE, id, at });
    for (const phase of ['network', 'machine', 'boot', 'desktop']) store.sessions.startPhase(id, phase, at);
    store.sessions.saveConsole(id, 'x'.repeat(16_384), at);
    store.sessions.move(id, { to: 'stopped', at, who: 'bench' });
  }
  store.close();
  return path;
}

function time(act: () => void): number {
  const began = performance.now();
  act();
  return performance.now() - began;
}
