import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Session, SessionStarted } from '#contract/session';
import { isThere } from '#scripts/is-there';
import { Api } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { PACE } from '#test/pace';
import { copyReleaseTree } from '#test/release-tree';
import { toBuiltIn } from '#test/server/built-in';
import { findServerImage } from '#test/server/image';
import { makeServerNetwork } from '#test/server/network';
import { Server } from '#test/server/server';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/*
 * From a Debian server to a host of desktops by the real Terraform, over the real ssh and systemd; another release that is broken; and away
 * again. The provider alone is a stand-in (test/kit/server/built-in.ts). Processors are emulated: nothing of time is asserted.
 */
const SLOW = 8 * PACE;
const test = suite('a host by Terraform', { timeoutMs: 900_000 });
const ROOT = join(import.meta.dirname, '../..');
const TERRAFORM = ['terraform', 'tofu'].find(isThere);
const server = new Server();
const origin = `http://${server.address}:7080`;
const run = promisify(execFile);

let release = '';
let sessionId = '';
let api: Api;

if (TERRAFORM) {
  test.before(async () => {
    makeInternet();
    makeServerNetwork();
    release = await makeRelease(ROOT, 'good');
    await server.boot({ image: await findServerImage('host'), memoryMib: 5120 });
    writeFileSync(
      join(server.dir, 'known_hosts'),
      execFileSync('ssh-keyscan', ['-t', 'ed25519', server.address], { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    // As emulated processors need it.
    await server.write('/etc/systemd/system/oriel.service.d/slow.conf', '[Service]\nTimeoutStartSec=600s\n');
  });
  test.after(() => server.stop());

  test('apply makes a host of it: the release runs, and a desktop of it shows its picture in a browser', async () => {
    writeSettings(release);
    await terraform('init');
    const said = await terraform('apply', '-auto-approve');
    assert.match(said, new RegExp(`${idOf(release)} runs`));
    assert.match(await server.run('/opt/oriel/current/bin/oriel version'), new RegExp(`^release +${idOf(release)}$`, 'm'));
    assert.is((await fetch(`${origin}/ready`)).status, 200);
    const made = await server.run('/opt/oriel/current/bin/oriel key create product --scopes start,read,control 2>/dev/null');
    api = new Api(origin, made.trim().split(/\s+/).at(-1)!);
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'ann', provider: 'desktop' } });
    sessionId = body.sessionId;
    const browser = await startBrowser();
    const link = body.viewer.url.replace(/^https?:\/\/[^/]+/, origin);
    const viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * SLOW, patience: SLOW });
    await viewer.close();
    await browser.close();
  });

  test('a second plan changes nothing', async () => {
    await terraform('plan', '-detailed-exitcode');
  });

  test('a release whose controller does not come up is taken back by itself: the one before runs, the session is there', async () => {
    const before = await server.run('cat /etc/systemd/system/oriel.service; readlink /opt/oriel/current /var/lib/oriel/images/latest');
    const broken = await makeRelease(breakTree(), 'broken');
    assert.is.not(idOf(broken), idOf(release));
    writeSettings(broken, 20);
    const error = await terraform('apply', '-auto-approve').then(
      () => '',
      (reason: { stdout: string; stderr: string }) => toWords(`${reason.stdout}${reason.stderr}`),
    );
    assert.match(error, /was not ready within|ended with/);
    assert.match(error, new RegExp(`taken back: ${idOf(release)} runs again`));
    assert.is(await server.run('cat /etc/systemd/system/oriel.service; readlink /opt/oriel/current /var/lib/oriel/images/latest'), before);
    const { body } = await api.ask<Session>(`GET /api/auth/session/${sessionId}`);
    assert.is(body.status, 'vm_created');
  });

  test('another release that is well takes over: the session goes on', async () => {
    const tree = copyTree('next');
    appendFileSync(join(tree, 'CHANGELOG.md'), '\n- Another.\n');
    const next = await makeRelease(tree, 'next');
    writeSettings(next);
    assert.match(await terraform('apply', '-auto-approve'), new RegExp(`${idOf(next)} runs`));
    const { body } = await api.ask<Session>(`GET /api/auth/session/${sessionId}`);
    assert.is(body.status, 'vm_created');
  });

  test('destroy leaves nothing but the data that it names', async () => {
    const said = await terraform('destroy', '-auto-approve');
    assert.match(said, /Data is left: .*\/var\/lib\/oriel/);
    assert.is(await server.run("systemctl list-units --all --plain --no-legend 'oriel*.scope' 'oriel*.service'"), '');
    assert.is(await server.run('ls -d /opt/oriel/current /opt/oriel/releases /etc/systemd/system/oriel*.service 2>/dev/null || true'), '');
    assert.is(await server.run('ip netns list; nft list tables | grep oriel || true; findmnt -rno TARGET | grep oriel || true'), '');
    assert.match(await server.run('ls /var/lib/oriel'), /oriel\.db/);
  });
} else test.skip('a host by Terraform', 'there is no terraform, and no tofu');

test.run();

const idOf = (path: string) => path.split('/').at(-1)!;

/** Path of a release of this tree, of the image that is here. */
async function makeRelease(tree: string, name: string): Promise<string> {
  const out = join(server.dir, 'releases', name);
  await run(process.execPath, [join(tree, 'infra/release/main.ts'), 'make', '--allow-changes', '--out', out], { maxBuffer: 1 << 24 });
  return join(
    out,
    readdirSync(out).find((entry) => /^[0-9a-f]{64}$/.test(entry))!,
  );
}

/** This tree with a controller that ends at once. */
function breakTree(): string {
  const tree = copyTree('broken');
  writeFileSync(join(tree, 'controller/src/main.ts'), "throw new Error('this release is broken');\n");
  return tree;
}

function copyTree(name: string): string {
  const tree = join(server.dir, 'trees', name);
  copyReleaseTree(tree);
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

function writeSettings(of: string, readySeconds = 600): void {
  const variables = {
    ORIEL_BIND: '0.0.0.0',
    ORIEL_PUBLIC_ADDRESSES: server.address,
    ORIEL_PUBLIC_URL: origin,
    ORIEL_DRIVER: 'container',
    ORIEL_ALLOW_WEAK_ISOLATION: true,
    ORIEL_CPU_PRESSURE_MOST: 100,
    ...Object.fromEntries(['NETWORK', 'MACHINE', 'BOOT', 'DESKTOP'].map((phase) => [`ORIEL_${phase}_TIMEOUT_SECONDS`, 300])),
  };
  const ssh = { address: server.address, knownHostsFile: join(server.dir, 'known_hosts'), identityFile: server.identityFile };
  writeFileSync(join(server.dir, 'settings.json'), JSON.stringify({ hosts: { first: { ssh, release: of, readySeconds, variables } } }));
}

/** Synthesises the plan anew, and has Terraform do something with it. */
async function terraform(...words: string[]): Promise<string> {
  const env = { ...process.env, ORIEL_INFRA_SETTINGS: join(server.dir, 'settings.json'), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  await run(process.execPath, ['infra/main.ts'], { cwd: ROOT, env });
  const synthesised = join(ROOT, 'infra/cdktf.out/stacks/host-first');
  const plan = toBuiltIn(readFileSync(join(synthesised, 'cdk.tf.json'), 'utf8'));
  writeFileSync(join(synthesised, 'cdk.tf.json'), plan.replace('../../../host-first.tfstate', join(server.dir, 'host-first.tfstate')));
  mkdirSync(join(server.dir, 'terraform'), { recursive: true });
  const { stdout, stderr } = await run(
    TERRAFORM!,
    [`-chdir=${synthesised}`, ...words, ...(words[0] === 'init' ? [] : ['-input=false', '-no-color'])],
    {
      env: { ...env, TF_DATA_DIR: join(server.dir, 'terraform') },
      maxBuffer: 1 << 24,
    },
  );
  return toWords(`${stdout}${stderr}`);
}

/** Terraform breaks lines wherever they are long. */
function toWords(text: string): string {
  return text.replace(/\s+/g, ' ');
}
