import { appendFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Api } from '#test/api';
import { makeInternet } from '#test/internet';
import { PACE } from '#test/pace';
import { copyReleaseTree } from '#test/release-tree';
import { BuildMachine } from '#test/server/build-machine';
import { readBlocks, substitute, type Block } from '#test/server/document';
import { findServerImage } from '#test/server/image';
import { makeServerNetwork } from '#test/server/network';
import { Server } from '#test/server/server';
import { assert, suite } from '#test/suite';

/* docs/operations.md as a new operator follows it, on an emulated Debian under systemd: each command as it stands there, in that order. */
const BLOCK_MS = 600_000 * PACE;
const test = suite('operations.md', { timeoutMs: 2 * BLOCK_MS });
const ROOT = join(import.meta.dirname, '../..');
const server = new Server();
const here = new BuildMachine(server, ROOT);
const origin = `http://${server.address}:7080`;

/** All that is typed otherwise than it stands there, and why. */
const INSTEAD = {
  'desktops.example.org': server.address,
  // Its processors are emulated: it gets ten minutes, not one.
  'oriel-host install': 'oriel-host install --ready-seconds 600',
  'oriel-host rollback': 'oriel-host rollback --ready-seconds 600',
};
/** What is added to the variables: those that the document names for a host without /dev/kvm, and time. */
const ADDED = {
  ORIEL_DRIVER: 'container',
  ORIEL_ALLOW_WEAK_ISOLATION: '1',
  ORIEL_PUBLIC_ADDRESSES: server.address,
  ORIEL_CPU_PRESSURE_MOST: '100',
  // Nobody's page is open, and an hour goes by.
  ORIEL_HEARTBEAT_TIMEOUT_SECONDS: '7200',
  ...Object.fromEntries(['NETWORK', 'MACHINE', 'BOOT', 'DESKTOP'].map((phase) => [`ORIEL_${phase}_TIMEOUT_SECONDS`, '300'])),
};

let first = '';
let sessionId = '';
let oldKey = '';
const api = () => new Api(origin, here.read('KEY'));
const start = () =>
  api().ask<SessionStarted & { error?: { code: string } }>('POST /api/auth/start', { body: { userId: 'ann', provider: 'desktop' } });
const readSession = async () => (await api().ask<Session>(`GET /api/auth/session/${sessionId}`)).body;
const readReady = async () => (await fetch(`${origin}/ready`)).status;

/** What has to be so before a block, where it is more than what the blocks before it did. */
const BEFORE: Record<string, () => Promise<unknown> | void> = {
  async again() {
    const tree = join(server.dir, 'tree');
    copyReleaseTree(tree);
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    appendFileSync(join(tree, 'CHANGELOG.md'), '\n- Another.\n');
    here.useTree(tree);
  },
  wait: () => api().ask(`DELETE /api/auth/session/${sessionId}`, { timeoutMs: BLOCK_MS }),
  restore: () => server.run('oriel key create late'),
  'rotate-key': () => void (oldKey = here.read('KEY')),
};

/** What each block has to have done; `said` is what it printed. */
const AFTER: Record<string, (said: string) => Promise<unknown> | void> = {
  look: (said) => assert.match(said, /^systemd 2\d\d[^]*\bmemory\b[^]*containers only$/m, said),
  release: () => assert.equal(here.releases, [(first = here.read('RELEASE'))]),
  bring: () => server.run(`cd /opt/oriel/releases/${first} && sha256sum --check --quiet --strict SHA256SUMS`, { timeoutMs: BLOCK_MS }),
  variables: () => appendFileSync(join(here.dir, '../oriel.env'), toLines(ADDED)),
  async install(said) {
    assert.match(said, new RegExp(`^${first} runs$`, 'm'));
    assert.is(await readReady(), 200);
  },
  names: (said) => assert.match(said, new RegExp(`^release +${first}$`, 'm')),
  async first(said) {
    const { sessionId: id, viewer } = JSON.parse(said) as SessionStarted;
    sessionId = id;
    assert.match(viewer.url, new RegExp(`^${origin}/desktop`));
    await untilReady();
  },
  async again(said) {
    assert.match(said, new RegExp(`^${here.read('RELEASE')} runs$`, 'm'));
    assert.is.not(here.read('RELEASE'), first);
    assert.is((await readSession()).status, 'vm_created');
  },
  async rollback(said) {
    assert.match(said, new RegExp(`^release +${first}$`, 'm'));
    assert.is((await readSession()).status, 'vm_created');
  },
  ready: (said) => assert.match(said, /"ready":true/),
  night: (said) => assert.match(said, /Active: active \(running\)[^]*^[1-9]\d*$/m),
  async drain(said) {
    assert.match(said, /no new session starts on this host; 1 session runs/);
    const { status, body, headers } = await start();
    assert.equal([status, body.error?.code, headers.get('retry-after')], [503, 'host_draining', '60']);
    assert.equal([await readReady(), (await readSession()).status], [503, 'vm_created']);
  },
  wait: (said) => assert.match(said, /none runs/),
  async undrain() {
    const { status, body } = await start();
    assert.is(status, 200);
    sessionId = body.sessionId;
    await untilReady();
  },
  backup: async () => assert.is((await server.run('stat --format=%a /root/oriel-backup.db')).trim(), '600'),
  async restore() {
    await untilServes();
    assert.not.match(await server.run('oriel key list'), /\blate\b/);
    assert.is((await readSession()).status, 'failed');
  },
  async 'rotate-key'() {
    assert.is.not(here.read('KEY'), oldKey);
    for (const key of [oldKey, here.read('KEY')]) assert.is((await new Api(origin, key).ask('GET /api/sessions')).status, 200);
  },
  // Name and owner are the same word: lines are counted.
  keys: (said) => assert.is(said.match(/^.* shop .*$/gm)?.length, 2, said),
  'sealing-key': (said) => assert.match(said, /k2 is the newest[^]*the sealing key k1 is gone[^]*^k2$/m),
  upstreams: async () => assert.is((await server.run('stat --format=%a /etc/oriel/upstreams.json')).trim(), '600'),
  'name-upstreams': () => waitForLog(/"upstreams":2,"msg":"desktops leave through upstreams/),
  reload: () => waitForLog(/"upstreams":2,"added":0,"removed":0,"msg":"upstreams read"/),
  async remove(said) {
    assert.match(said, /Data is left: .*\/var\/lib\/oriel/);
    assert.is(await server.run("systemctl list-units --all --plain --no-legend 'oriel*.scope' 'oriel*.service'"), '');
    assert.is(await server.run('ls -d /opt/oriel/current /opt/oriel/releases /etc/systemd/system/oriel*.service 2>/dev/null || true'), '');
    assert.is(await server.run('ip netns list; nft list tables | grep oriel || true; findmnt -rno TARGET | grep oriel || true'), '');
  },
};

const document = readBlocks(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8'));
const blocks = substitute(document, INSTEAD);

test.before(async () => {
  makeInternet();
  makeServerNetwork();
  await server.boot({ image: await findServerImage('host'), memoryMib: 5120 });
  await server.write('/etc/systemd/system/oriel.service.d/slow.conf', '[Service]\nTimeoutStartSec=600s\n');
  for (const [word, instead] of Object.entries(INSTEAD)) console.log(`${word} → ${instead}`);
  console.log(toLines(ADDED));
});
test.after(() => server.stop());

test('each block has something to be asked afterwards', () => {
  assert.equal(
    document.map(({ id }) => id),
    Object.keys(AFTER),
  );
});

let isBroken = false;
for (const block of blocks)
  test(`line ${block.line}, ${block.place}: ${block.id}`, async () => {
    if (isBroken) throw new Error('a block before it failed: an operator would have stopped there');
    isBroken = true;
    await BEFORE[block.id]?.();
    const since = performance.now();
    const said = await type(block);
    console.log(`${block.id}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
    await AFTER[block.id]!(said);
    isBroken = false;
  });

test.run();

async function type({ place, text, line }: Block): Promise<string> {
  const { code, stdout, stderr } = await (place === 'here'
    ? here.run(text, BLOCK_MS)
    : server.tryRun(text, { timeoutMs: BLOCK_MS / PACE }));
  if (code !== 0) throw new Error(`docs/operations.md:${line} ended with ${code}:\n${stdout}\n${stderr}\n${await readLog(20)}`);
  return stdout;
}

async function untilReady(): Promise<void> {
  for (const until = Date.now() + BLOCK_MS; ; await sleep(1_000)) {
    const { status, reason } = await readSession();
    if (status === 'vm_created') return;
    if (status === 'failed' || Date.now() > until)
      throw new Error(`the session is ${status}: ${JSON.stringify(reason)}\n${await readLog(30)}`);
  }
}

async function untilServes(): Promise<void> {
  for (const until = Date.now() + BLOCK_MS; Date.now() < until; await sleep(500))
    if (
      await fetch(`${origin}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
  throw new Error(`it does not serve:\n${await readLog(30)}`);
}

async function waitForLog(pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 60_000 * PACE; !pattern.test(await readLog(200)); await sleep(500))
    if (Date.now() > until) throw new Error(`${pattern}: not logged:\n${await readLog(30)}`);
}

function readLog(lines: number): Promise<string> {
  return server.run(`journalctl --no-pager --output=cat --unit=oriel --lines=${lines}`);
}

function toLines(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
