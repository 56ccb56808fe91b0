import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Api } from '#test/api';
import { Desk } from '#test/desk';
import { INTERNET } from '#test/internet';
import { findInMachine } from '#test/machine';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { Escape } from '../kit/escape/escape.ts';
import { makeForbidden } from '../kit/escape/test-internet.ts';
import { RIGHTS } from '../kit/escape/ways.ts';

/*
 * What a hostile clone tries. All that it could reach is in network namespaces of this test, which lead nowhere. Each way is shown to lead
 * somewhere in the same run, with the walls off: what it fails at is then the wall, and not a server that was never there.
 */
const test = suite('escape', { timeoutMs: 90_000 });

const env = { ORIEL_BIND: '0.0.0.0', ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: INTERNET.hostAddress };
const desk = new Desk({ env });
const escape = new Escape(desk, { slow: PACE });
let api: Api;
let otherSecret = '';
let mine = 0;

test.before(async () => {
  await desk.start(makeForbidden);
  api = new Api(desk.session.origin, desk.session.apiKey);
  const machineId = await desk.machineId();
  mine = findAgent(machineId);
  otherSecret = readSecret(findAgent(await startSecondClone()));
  await escape.start(machineId, otherSecret);
});

test.after(async () => {
  await escape.forbidden[Symbol.asyncDispose]();
  await desk.stop();
});

test('nothing gets out of a clone by any of these ways, and each try is counted', async () => {
  const before = await readMetrics();
  const { reached, met } = await escape.tryAll();
  assert.equal(reached, [], JSON.stringify(met));
  assert.ok(escape.titles.length > 150, `${escape.titles.length} ways`);
  const after = await readMetrics();
  const more = (line: string) => after(line) - before(line);
  for (const [name, count] of Object.entries(escape.refusals)) {
    const counted = more(`oriel_wall_dropped_packets_total\\{class="${name}"\\}`);
    assert.ok(counted >= count, `${name}: ${counted} counted, ${count} tried`);
  }
  assert.ok(more('oriel_http_errors_total\\{route="/guest/[^}]*\\}') >= escape.count('endpoint'), 'refusals of the guest endpoint');
  assert.ok(more('oriel_egress_connections_total') >= escape.count('connect') + escape.count('get'), 'connections to the proxy');
  const { origin, secret } = await readDoors(before);
  assert.equal([origin, secret], [escape.pageSockets + 1, escape.count('websocket') - 1], 'what its own VNC refused, by why');
});

test('a name is resolved once for each request, and connected to as it was then', () => {
  assert.is(escape.forbidden.names.asked.get('rebind.example'), 4);
});

test('with the walls off, each of these ways leads somewhere', async () => {
  const restore = escape.takeWallsDown();
  const { reached, met } = await escape.tryAll(true);
  restore();
  assert.equal(reached, escape.titles, JSON.stringify(met));
});

test('a program of the desktop has no rights to more, and the secrets of the agent are not to be read; root could', async () => {
  assert.equal(await escape.tryCommands(RIGHTS), []);
  const enter = ['--target', String(mine), '--mount', '--net', '--pid', '--', 'sh', '-ec'];
  for (const [title, command, undo = ':'] of RIGHTS)
    assert.not.throws(() => execFileSync('nsenter', [...enter, `${command}\n${undo}`], { stdio: ['ignore', 'ignore', 'pipe'] }), title);
});

test("with an agent's own secret the guest endpoint listens, on its own listener alone", () => {
  assert.equal([askAsAgent(readSecret(mine)), askAsAgent(otherSecret)], ['200', '401']);
});

/** A reader of a line's value, or of the sum of several. */
async function readMetrics(): Promise<(line: string) => number> {
  const text = (await api.ask<string>('GET /metrics')).body;
  return (line) => [...text.matchAll(new RegExp(`^${line} (\\d+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** What a guest's own doors have refused since, once it has told: a moment later. */
async function readDoors(before: (line: string) => number): Promise<Record<'origin' | 'secret', number>> {
  for (const until = Date.now() + 10_000 * PACE; ; await sleep(100)) {
    const after = await readMetrics();
    const more = (reason: string) => {
      const line = `oriel_guest_refusals_total\\{door="websockify",reason="${reason}"\\}`;
      return after(line) - before(line);
    };
    const [origin, secret] = [more('origin'), more('secret')];
    if (origin + secret >= escape.pageSockets + escape.count('websocket') || Date.now() > until) return { origin, secret };
  }
}

function findAgent(machineId: string): number {
  return findInMachine(machineId, '/usr/lib/oriel/agent.mjs')[0]!;
}

function readSecret(agent: number): string {
  return readFileSync(`/proc/${agent}/root/run/oriel/private/agent-secret`, 'utf8');
}

/** Status of an answer to who asks from where the clone is. */
function askAsAgent(secret: string): string {
  const program = `fetch('http://192.168.100.1:10000/guest/signals?after=0', { headers: { authorization: 'Bearer ' + process.env.SECRET } })
    .then(({ status }) => process.stdout.write(String(status)))`;
  const argv = [`--net=/run/netns/${escape.mine.guestNetns}`, '--', process.execPath, '-e', program];
  return execFileSync('nsenter', argv, { env: { SECRET: secret }, encoding: 'utf8' });
}

/** Gives its machine's id. */
async function startSecondClone(): Promise<string> {
  const { sessionId } = (await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'neighbour', provider: 'desktop' } }))
    .body;
  for (const until = Date.now() + 30_000 * PACE; ; await sleep(50)) {
    const { status, reason, machine } = (await api.ask<Session>(`GET /api/auth/session/${sessionId}`)).body;
    if (status === 'vm_created') return machine!.machineId;
    assert.ok(Date.now() < until && !reason, `the second clone is ${status}: ${reason?.message}`);
  }
}

test.run();
