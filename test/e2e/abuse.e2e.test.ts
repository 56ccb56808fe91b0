import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Abuser, type Abuse } from '#test/abuser';
import { readCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { isLong, nightly } from '#test/long';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { readAvailableMib } from '../../controller/src/host/memory.ts';
import type { WallClass } from '../../controller/src/net/wall.ts';

/*
 * A clone takes all that it can get while a person works at the one beside it. The rate of that one's picture is compared with its own of a
 * moment before: whatever else this machine does is in both.
 */
const test = suite('abuse', { timeoutMs: 120_000 });
const claim = nightly(test);

const KEPT = 0.7;
const WINDOW_MS = 3_000;
/** A doubtful comparison is made again, and the middle one of all counts. */
const ROUNDS = 3;
const ANSWER_MS = 1_000 * PACE;
const LOOK_MS = 400;
/** What the host has left for others: memory of one more machine. */
const ROOM_MIB = 2_048;

const desk = new Desk({ env: { ORIEL_MAX_SESSIONS: '2' } });
const abuser = new Abuser(desk);

test.before(async () => {
  if (!isLong) return;
  await desk.start();
  await abuser.start();
});
test.after(() => (isLong ? desk.stop() : undefined));

/** Each tries as often as 100,000 connections need, as fast as it can, to both ports that there are. */
const CONNECTIONS = String.raw`
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
let begun = 0, made = 0, open = 0;
const next = () => {
  if (begun === 100_000) return;
  const socket = connect(10000 + (begun++ % 2), '192.168.100.1');
  let isOver = false;
  const end = () => { if (isOver) return; isOver = true; open--; clearTimeout(timer); socket.destroy(); };
  const timer = setTimeout(end, 400);
  open++;
  socket.on('connect', () => made++).on('error', end).on('close', end);
};
const started = Date.now();
const timer = setInterval(() => {
  for (let n = 0; n < 400 && open < 8_000; n++) next();
  if (begun === 100_000 && open === 0) { console.log('tried', begun, 'made', made, 'ms', Date.now() - started); clearInterval(timer); }
}, 5);
`;

const FLOODS: [title: string, flood: Abuse][] = [
  ['processors', { script: 'for n in 1 2 3 4 5 6 7 8; do while [ ! -e /tmp/stop ]; do :; done & done; wait' }],
  ['processes without end', { script: `exec perl -e 'while (!-e "/tmp/stop") { fork }'` }],
  ["a shell's fork bomb", { script: 'f() { [ -e /tmp/stop ] || { f | f & }; }; while [ ! -e /tmp/stop ]; do f; sleep 0.05; done' }],
  ['processes that come and go', { script: 'for n in 1 2 3 4 5 6 7 8; do while [ ! -e /tmp/stop ]; do /bin/true; done & done; wait' }],
  [
    '1 GiB on its console',
    {
      script:
        'while [ ! -e /tmp/stop ]; do head -c 16777216 /dev/zero | tr "\\0" 7 | fold -w 1000; done >/proc/$(pgrep -o xfce4-session)/fd/2',
    },
  ],
  ['its disk', { script: 'while [ ! -e /tmp/stop ]; do cat /dev/zero >$HOME/filled; rm $HOME/filled; done' }],
  ['memory without end', { script: 'while [ ! -e /tmp/stop ]; do (x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done); done' }],
];
for (const [title, flood] of FLOODS)
  claim(`${title}: the picture beside it keeps ${KEPT * 100} % of its rate, the controller answers, the host has room`, async () => {
    await withstand(title, flood);
  });

claim('100,000 connections: the same, and no table of connections is full of them', async () => {
  const before = await readRefused('new_rate');
  let most = { host: 0, router: 0, files: 0 };
  const looking = setInterval(() => (most = toMost(most, readTables())), LOOK_MS);
  const said = await withstand('100,000 connections', { script: '', node: CONNECTIONS }).finally(() => clearInterval(looking));
  console.log(`${said.trim()}; at most ${JSON.stringify(most)}`);
  assert.match(said, /^tried 100000 /m);
  assert.ok((await readRefused('new_rate')) - before > 50_000, 'they were refused for their rate');
  assert.ok(most.router < 5_000 && most.host < 1_000, JSON.stringify(most));
  assert.ok(most.files < 3_000, JSON.stringify(most));
});

claim('the person at the other desktop goes on', async () => {
  await desk.typeCommand();
});

/** Gives what the flood said at its end. */
async function withstand(title: string, flood: Abuse): Promise<string> {
  const ratios: number[] = [];
  for (;;) {
    const quiet = await measure();
    const running = await abuser.flood(flood);
    const [during, answers, roomMib] = [await measure(), await measureAnswers(), readAvailableMib()];
    if (flood.node) await running.over();
    const said = await running.stop();
    ratios.push(during / quiet);
    console.log(
      `${title}: ${quiet.toFixed(1)} numbers a second, during it ${during.toFixed(1)}; answers within ${answers} ms; ${roomMib} MiB left`,
    );
    assert.ok(answers < ANSWER_MS, `an answer of the controller took ${answers} ms`);
    assert.ok(roomMib > ROOM_MIB, `${roomMib} MiB are left on the host`);
    const middle = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
    if (middle >= KEPT) return said;
    assert.ok(ratios.length < ROUNDS, `of its rate ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} were left`);
  }
}

/** Numbers of the counter that are seen in a second: it has ten. */
async function measure(): Promise<number> {
  const seen = new Set<number>();
  const started = performance.now();
  while (performance.now() - started < WINDOW_MS) {
    const count = await readCounter(desk.viewer);
    if (count !== null) seen.add(count);
    await sleep(20);
  }
  return seen.size / ((performance.now() - started) / 1000);
}

/** The longest of some answers, ms. */
async function measureAnswers(): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < 10; n++) {
    const started = performance.now();
    assert.is((await desk.readSession()).status, 'vm_created');
    taken.push(performance.now() - started);
  }
  return Math.round(Math.max(...taken));
}

interface Tables {
  /** Connections that are known to the host, and to the router of the second clone. */
  host: number;
  router: number;
  /** Files that the egress process has open. */
  files: number;
}

function readTables(): Tables {
  const router = `--net=/run/netns/${desk.oriel.instance}-r1`;
  const readCount = (...enter: string[]) =>
    Number(execFileSync('nsenter', [...enter, 'cat', '/proc/sys/net/netfilter/nf_conntrack_count']));
  return { host: readCount(), router: readCount(router), files: countEgressFiles() };
}

function toMost(a: Tables, b: Tables): Tables {
  return { host: Math.max(a.host, b.host), router: Math.max(a.router, b.router), files: Math.max(a.files, b.files) };
}

function countEgressFiles(): number {
  const namespace = readlinkSync('/proc/self/ns/net');
  const isOurs = (pid: string) => read(`/proc/${pid}/comm`).trim() === 'oriel-egress' && readlinkSync(`/proc/${pid}/ns/net`) === namespace;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isOurs(name));
  assert.ok(pid, 'the egress process is not there');
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Packets of this class that the walls have refused. */
async function readRefused(name: WallClass): Promise<number> {
  const text = await (
    await fetch(`${desk.session.origin}/metrics`, { headers: { authorization: `Bearer ${desk.session.apiKey}` } })
  ).text();
  return Number(new RegExp(`^oriel_wall_dropped_packets_total\\{class="${name}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test.run();
