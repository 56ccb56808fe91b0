import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { fromKernelArgs } from '#contract/kernel-line';
import { Api, waitForMarks } from '#test/api';
import { startBrowser } from '#test/browser';
import { INTERNET, makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { findInClone } from '#test/processes';
import { readFiles, readProcesses, searchPlaces, toForms, type Found, type Place, type Secret } from '#test/secret-search';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { UpstreamProxy } from '#test/upstream-proxy';
import { ViewerPage } from '#test/viewer';

/*
 * A desktop is started, used by picture and keyboard, by noVNC, through an upstream with a password, and goes on under another controller.
 * Then all that was written down is searched, in each form, for each secret that was used for it.
 */
const test = suite('secrets', { timeoutMs: 120_000 });

const INSTANCE = 'oriesec';
/** Goes where a stranger's words go: 24 letters that fit a user's name and a page's. */
const CANARY = 'planted-canary-4711-0815';
const PASSWORD = randomBytes(18).toString('base64url');
const WEBHOOK_SECRET = randomBytes(32).toString('base64');

const target = new TargetServer();
const upstream = { protocol: 'http', host: INTERNET.serverAddress, port: 3128, username: 'oriel', password: PASSWORD } as const;
const proxy = new UpstreamProxy(upstream);
const env: NodeJS.ProcessEnv = {
  ORIEL_WEBHOOK_URL: `${target.url}/hook`,
  ORIEL_MAX_SESSIONS: '3',
};
const oriel = new Oriel({ instance: INSTANCE, env });
let browser: Browser;
let canary: ChildProcess;
let secrets: Secret[];
let found: Found[];

/** Where a secret is meant to be, and why. */
const MEANT: [secret: string, place: RegExp, why: string][] = [
  ['API key', /^standard output$/, 'whoever types `up` is shown it'],
  ['viewer token', /^standard output$/, 'as the link to the desktop'],
  ['seal key', /^data\/seal\.key$/, 'for root alone'],
  ['viewer signing key', /^data\/viewer\.key$/, 'for root alone'],
  ['webhook secret', /^webhook-secret$/, 'for root alone'],
  ['guest token', /^data\/machines\/[^/]+\/bundle\/config\.json$/, 'the only way into a container, for root alone'],
  ['guest token', /^run\/crun\/[^/]+\/config\.json$/, 'crun’s copy of the same'],
  ['guest token', /^clone\/run\/oriel\/config\.json$/, 'the machine’s own, which is used up'],
  ['agent’s secret', /^clone\/run\/oriel\/private\/agent-secret$/, 'for the agent alone'],
  ['VNC secret', /^clone\/run\/oriel\/private\/vnc-secret$/, 'for the agent and websockify'],
  ['upstream password', /^upstreams\.json$/, 'the operator’s file, for root alone'],
];

test.before(async () => {
  makeInternet();
  await target.start();
  await proxy.start();
  env.ORIEL_WEBHOOK_SECRET_FILE = join(oriel.dir, 'webhook-secret');
  writeFileSync(env.ORIEL_WEBHOOK_SECRET_FILE, `whsec_${WEBHOOK_SECRET}\n`, { mode: 0o600 });
  env.ORIEL_EGRESS_UPSTREAMS_FILE = join(oriel.dir, 'upstreams.json');
  // Another user has one, too.
  const upstreams = [upstream, { ...upstream, username: 'spare' }].map((one, index) => ({ name: `up-${index}`, ...one }));
  writeFileSync(env.ORIEL_EGRESS_UPSTREAMS_FILE, JSON.stringify({ upstreams }), { mode: 0o600 });
  const up = await oriel.start();
  const api = new Api(up.origin, up.apiKey);
  browser = await startBrowser();
  const viewer = await ViewerPage.open(browser, up.link);
  // The desktop's browser comes up meanwhile, and takes the keyboard.
  await waitForMarks(api, up.sessionId, ['terminal', 'chromium']);
  await takeTerminal(viewer, target);
  await viewer.type(`echo ${CANARY} >~/canary; curl -s ${target.url}/typed\n`);
  await target.waitFor('what was typed', ({ path }) => path === '/typed');
  await viewer.clickSwitch();
  await untilTransport(viewer, 'vnc');
  await sayCanary(api, up.sessionId);
  await target.waitFor('a webhook', ({ path, body }) => path === '/hook' && body.includes(CANARY));
  secrets = readSecrets(up);

  writeFileSync(join(oriel.dir, 'data/canary'), [...toForms(CANARY).values()].map(String).join('\n'));
  canary = spawn('sleep', ['600'], { argv0: `sleep ${Buffer.from(CANARY).toString('hex')}`, env: { CANARY: encodeURIComponent(CANARY) } });
  found = searchPlaces(
    readPlaces(await api.ask(`GET /api/auth/session/${up.sessionId}/console`).then(({ body }) => JSON.stringify(body))),
    [...secrets, { name: 'canary', value: CANARY }],
  );
});

test.after(async () => {
  canary?.kill();
  await browser?.close();
  await oriel.interrupt();
  await proxy.stop();
  await target.stop();
  oriel.removeFiles();
});

test('the secrets were used: a page came through the upstream with its password', () => {
  assert.ok(target.received.some(({ path }) => path === '/typed'));
  assert.equal(proxy.passed[0], { target: `${INTERNET.serverAddress}:80`, auth: `oriel:${PASSWORD}` });
});

test('the search finds what was planted in each kind of place', () => {
  const places = found.filter(({ secret }) => secret === 'canary').map(({ place }) => place);
  for (const kind of [
    /^log$/,
    /^console by the API$/,
    /^data\/machines\/.*console/,
    /^data\/oriel\.db(-wal)?$/,
    /^cmdline of \d+ sleep/,
    /^environ of \d+ sleep/,
    /^written by the clone\/home\/desktop\/canary$/,
  ])
    assert.ok(
      places.some((place) => kind.test(place)),
      `${kind}: only in ${[...new Set(places)].join(', ')}`,
    );
  const forms = found.filter(({ secret, place }) => secret === 'canary' && place === 'data/canary').map(({ form }) => form);
  assert.equal(forms.sort(), [...toForms(CANARY).keys()].sort());
});

test('each secret is where it is meant to be, and its file is for its owner alone', () => {
  for (const [secret, place, why] of MEANT)
    assert.ok(
      found.some((one) => one.secret === secret && place.test(one.place)),
      `${secret}: not at ${place} (${why})`,
    );
  for (const name of ['data/seal.key', 'data/viewer.key', 'webhook-secret', 'upstreams.json'])
    assert.is(statSync(join(oriel.dir, name)).mode & 0o777, 0o600, name);
  for (const { place } of found.filter(({ secret, place }) => secret !== 'canary' && /^(data|run)\//.test(place)))
    assert.ok(isForRootAlone(place), `${place} can be read by others`);
  const root = cloneRoot();
  for (const name of ['agent-secret', 'vnc-secret']) assert.is(statSync(`${root}/run/oriel/private/${name}`).mode & 0o007, 0, name);
});

test('and nowhere else, in no form', () => {
  const isMeant = ({ secret, place }: Found) => secret === 'canary' || MEANT.some(([name, where]) => name === secret && where.test(place));
  const elsewhere = found.filter((one) => !isMeant(one));
  assert.equal(
    elsewhere.map(({ secret, form, place }) => `${secret} (${form}) in ${place}`),
    [],
  );
});

test.run();

function readSecrets({ apiKey, viewerToken }: { apiKey: string; viewerToken: string }): Secret[] {
  const [bundle] = globSync('data/machines/*/bundle/config.json', { cwd: oriel.dir });
  const { process: told } = JSON.parse(readFileSync(join(oriel.dir, bundle!), 'utf8')) as { process: { args: string[] } };
  const inClone = (name: string) => readFileSync(`${cloneRoot()}/run/oriel/private/${name}`, 'utf8');
  return [
    { name: 'API key', value: apiKey },
    { name: 'viewer token', value: viewerToken },
    { name: 'guest token', value: fromKernelArgs(told.args.join(' ')).token },
    { name: 'agent’s secret', value: inClone('agent-secret') },
    { name: 'VNC secret', value: inClone('vnc-secret') },
    { name: 'seal key', value: readFileSync(join(oriel.dir, 'data/seal.key')) },
    { name: 'viewer signing key', value: readFileSync(join(oriel.dir, 'data/viewer.key')) },
    { name: 'webhook secret', value: WEBHOOK_SECRET },
    { name: 'webhook secret', value: Buffer.from(WEBHOOK_SECRET, 'base64') },
    { name: 'upstream password', value: PASSWORD },
  ];
}

/** By its own mode, or that of a directory on the way; the test's own is left out. */
function isForRootAlone(place: string): boolean {
  const parts = place.split('/');
  const modes = parts.map((_, index) => statSync(join(oriel.dir, ...parts.slice(0, index + 1))).mode);
  return modes.some((mode) => (mode & 0o007) === 0);
}

/** All that the run has left, on the host and in the clone. */
function* readPlaces(console: string): Generator<Place> {
  yield { name: 'log', bytes: Buffer.from(oriel.log) };
  yield { name: 'standard output', bytes: Buffer.from(oriel.shown) };
  yield { name: 'console by the API', bytes: Buffer.from(console) };
  yield* readFiles(oriel.dir, '.');
  const root = cloneRoot();
  for (const dir of ['run', 'tmp', 'dev/shm']) yield* readFiles(`${root}/${dir}`, `clone/${dir}`);
  yield* readFiles(`/proc/${findShim()}/root/run/${INSTANCE}-stage/files`, 'written by the clone');
  yield* readProcesses();
}

function cloneRoot(): string {
  return `/proc/${findInClone(INSTANCE, 0, /\/usr\/lib\/oriel\/agent\.mjs/)}/root`;
}

/** conmon, in whose mount namespace is what the clone has written. */
function findShim(): string {
  const stat = readFileSync(`/proc/${findInClone(INSTANCE, 0, /s6-svscan/)}/stat`, 'utf8');
  return /\) \S (\d+) /.exec(stat)![1]!;
}

/** A user's name, and the page of an offer that nobody can answer: into the database, a webhook, the log and the console. */
async function sayCanary(api: Api, sessionId: string): Promise<void> {
  const { body } = await api.ask<{ sessionId: string }>('POST /api/auth/start', { body: { userId: CANARY, provider: 'desktop' } });
  const sdp = 'v=0\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\n';
  const path = `/api/webrtc/session/${sessionId}`;
  await api.ask(`POST ${path}/offer`, { body: { offer: { type: 'offer', sdp }, offerId: 'canary', page: CANARY } });
  assert.is((await api.ask(`GET ${path}/answer?offerId=canary&wait=10`)).status, 422);
  assert.is((await api.ask(`DELETE /api/auth/session/${body.sessionId}`)).status, 204);
}

async function untilTransport(viewer: ViewerPage, transport: string, timeoutMs = 15_000 * PACE): Promise<void> {
  for (const until = Date.now() + timeoutMs; (await viewer.transport()) !== transport; await sleep(50))
    if (Date.now() > until) throw new Error(`no ${transport} within ${timeoutMs} ms: ${await viewer.describe()}`);
}
