import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { Session, SessionStarted } from '#contract/session';
import { Api } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeCertificates, trustAuthority } from '#test/certificates';
import { makeInternet } from '#test/internet';
import { PACE } from '#test/pace';
import { copyReleaseTree } from '#test/release-tree';
import { findServerDebs, useServerDebs } from '#test/server/debs';
import { findServerImage } from '#test/server/image';
import { makeServerNetwork } from '#test/server/network';
import { Server } from '#test/server/server';
import { TERRAFORM, Terraform } from '#test/server/terraform';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/*
 * From a Debian server to a host of desktops by the real Terraform, over the real ssh, systemd and apt: Oriel, Caddy in front of it, coturn and Prometheus
 * beside it; another release that is broken; and all of it away again. Stand-ins are the provider (test/kit/server/built-in.ts) and the
 * mirror of packages, which is the server's own. Processors are emulated: nothing of time is asserted.
 */
const SLOW = 8 * PACE;
const test = suite('a host by Terraform', { timeoutMs: 900_000 });
const ROOT = join(import.meta.dirname, '../..');
const NAME = 'desktops.example';
const STACKS = ['host-first', 'edge-first', 'turn-first', 'monitoring-first'];
/** One that is in nothing but its own place, or a search for it finds where it got out. */
const METRICS_TOKEN = 'canary-of-the-token-for-metrics-0123456789';
const TURN_SECRET = 'canary-of-the-secret-for-turn-0123456789';
const server = new Server();
const terraform = new Terraform(server.dir, { TEST_METRICS_TOKEN: METRICS_TOKEN, TEST_TURN_SECRET: TURN_SECRET });
const origin = `https://${NAME}`;

let release = '';
let sessionId = '';
let link = '';
let api: Api;
let packagesBefore = '';

if (TERRAFORM) {
  test.before(async () => {
    makeInternet();
    makeServerNetwork();
    appendFileSync('/etc/hosts', `${server.address} ${NAME}\n`);
    const { authority } = makeCertificates(join(server.dir, 'tls'), NAME);
    setDefaultCACertificates([readFileSync(authority, 'utf8')]);
    trustAuthority(server.dir, authority);
    release = await makeRelease(ROOT, 'good');
    await server.boot({ image: await findServerImage('host'), disks: [await findServerDebs('host')], memoryMib: 5120 });
    await useServerDebs(server);
    packagesBefore = await listPackages();
    writeFileSync(
      join(server.dir, 'known_hosts'),
      execFileSync('ssh-keyscan', ['-t', 'ed25519', server.address], { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    // As emulated processors need it.
    for (const unit of ['oriel', 'caddy', 'coturn', 'prometheus', 'prometheus-node-exporter'])
      await server.write(`/etc/systemd/system/${unit}.service.d/slow.conf`, '[Service]\nTimeoutStartSec=600s\n');
  });
  test.after(() => server.stop());

  test('apply makes a host of it: the release runs, and answers its own host alone', async () => {
    writeSettings(release);
    assert.match(await terraform.apply('host-first'), new RegExp(`${idOf(release)} runs`));
    assert.match(await server.run('/opt/oriel/current/bin/oriel version'), new RegExp(`^release +${idOf(release)}$`, 'm'));
    assert.match(await server.run('ss -Hltn'), /127\.0\.0\.1:7080/);
    assert.not.match(await server.run('ss -Hltn'), /(0\.0\.0\.0|\*|\[::\]):7080/);
  });

  test('apply puts Caddy in front of it: a desktop shows its picture in a browser by HTTPS, and what is for the host alone stays inside', async () => {
    assert.match(await terraform.apply('edge-first'), /edge runs/);
    const made = await server.run('/opt/oriel/current/bin/oriel key create product --scopes start,read,control 2>/dev/null');
    api = new Api(origin, made.trim().split(/\s+/).at(-1)!);
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'ann', provider: 'desktop' } });
    sessionId = body.sessionId;
    assert.ok(body.viewer.url.startsWith(`${origin}/`), body.viewer.url.split('#')[0]);
    link = body.viewer.url;
    const browser = await startBrowser({ home: server.dir });
    const viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * SLOW, patience: SLOW });
    assert.is(
      await viewer.page.evaluate(() =>
        performance
          .getEntriesByType('navigation')
          .map((one) => (one as PerformanceNavigationTiming).nextHopProtocol)
          .join(),
      ),
      'h2',
    );
    await viewer.close();
    await browser.close();
    for (const path of ['/metrics', '/operator', '/ready', '/api/openapi.json'])
      assert.is((await fetch(`${origin}${path}`)).status, 404, path);
    assert.is((await fetch(`${origin}/health`)).status, 200);
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    assert.match(await (await fetch(`${origin}/metrics`, { headers })).text(), /^oriel_/m);
  });

  test('apply puts coturn beside it: where nothing but HTTPS and TURN over TLS is let through, the picture comes by that', async () => {
    assert.match(await terraform.apply('turn-first'), /turn runs/);
    const browser = await startBrowser({ home: server.dir });
    shutAllBut('tcp dport { 22, 443, 5349 }');
    try {
      const viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * SLOW, patience: SLOW });
      const route = await until(
        () => viewer.route(),
        (found) => found?.relayProtocol !== undefined,
      );
      assert.is(route?.relayProtocol, 'tls', JSON.stringify(route));
      await viewer.close();
    } finally {
      execFileSync('nft', ['delete', 'table', 'inet', 'shut']);
      await browser.close();
    }
  });

  test('apply has Prometheus watch it: the controller and the machine are up, the rules are there, nobody else is answered', async () => {
    assert.match(await terraform.apply('monitoring-first'), /monitoring runs/);
    const up = await until(
      () => server.run("promtool query instant http://127.0.0.1:9090 'up == 1'"),
      (said) => ['instance="first", job="oriel"', 'job="node"', 'job="prometheus"'].every((label) => said.includes(label)),
    );
    assert.match(up, /=> 1/);
    const rules = await server.run(
      `bash -c "exec 3<>/dev/tcp/127.0.0.1/9090; printf 'GET /api/v1/rules HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"`,
    );
    const wanted = [...readFileSync(join(ROOT, 'infra/monitoring/alerts.yml'), 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name!);
    assert.ok(wanted.length >= 10);
    for (const name of wanted) assert.ok(rules.includes(`"${name}"`), name);
    assert.not.match(await server.run('ss -Hltn'), /(0\.0\.0\.0|\*|\[::\]):9(090|100)/);
  });

  test('a second plan changes nothing, and neither plans nor states have a secret', async () => {
    for (const stack of STACKS) {
      await terraform.run(stack, 'plan', '-detailed-exitcode');
      for (const file of [terraform.stateFile(stack), join(ROOT, 'infra/cdktf.out/stacks', stack, 'cdk.tf.json')])
        for (const secret of [METRICS_TOKEN, TURN_SECRET, 'PRIVATE KEY']) assert.not.match(readFileSync(file, 'utf8'), secret);
    }
  });

  test('a release whose controller does not come up is taken back by itself: the one before runs, the session is there', async () => {
    const before = await server.run('cat /etc/systemd/system/oriel.service; readlink /opt/oriel/current /var/lib/oriel/images/latest');
    const broken = await makeRelease(breakTree(), 'broken');
    assert.is.not(idOf(broken), idOf(release));
    writeSettings(broken, { readySeconds: 120 });
    const error = await terraform.apply('host-first').then(
      () => '',
      (reason: Error) => reason.message,
    );
    assert.match(error, /was not ready within|ended with/, error);
    assert.match(error, new RegExp(`taken back: ${idOf(release)} runs again`), error);
    assert.is(await server.run('cat /etc/systemd/system/oriel.service; readlink /opt/oriel/current /var/lib/oriel/images/latest'), before);
    const { body } = await api.ask<Session>(`GET /api/auth/session/${sessionId}`);
    assert.is(body.status, 'vm_created');
  });

  test('another release that is well takes over: the session goes on', async () => {
    const tree = copyTree('next');
    appendFileSync(join(tree, 'CHANGELOG.md'), '\n- Another.\n');
    const next = await makeRelease(tree, 'next');
    writeSettings(next);
    release = next;
    assert.match(await terraform.apply('host-first'), new RegExp(`${idOf(next)} runs`));
    const { body } = await api.ask<Session>(`GET /api/auth/session/${sessionId}`);
    assert.is(body.status, 'vm_created');
  });

  test('an edge that would not come up is taken back by itself: the one before serves', async () => {
    writeSettings(release, { key: join(server.dir, 'tls/ca.key') });
    const error = await terraform.apply('edge-first').then(
      () => '',
      (reason: Error) => reason.message,
    );
    assert.match(error, /edge: taken back, as it was before it runs again/);
    assert.is((await fetch(`${origin}/health`)).status, 200);
    writeSettings(release);
  });

  test('destroy leaves nothing of any but the data that it names', async () => {
    const said = [];
    for (const stack of [...STACKS].reverse()) said.push(await terraform.run(stack, 'destroy', '-auto-approve'));
    assert.match(said.join(' '), /monitoring: data is left: \/var\/lib\/oriel-monitoring.*Data is left: .*\/var\/lib\/oriel/);
    assert.is(
      await server.run(
        "systemctl list-units --all --plain --no-legend 'oriel*.scope' 'oriel*.service' caddy.service coturn.service 'prometheus*'",
      ),
      '',
    );
    const left = [
      '/opt/oriel/current',
      '/opt/oriel/releases',
      '/etc/systemd/system/oriel*.service',
      '/etc/oriel-*',
      '/etc/systemd/system/*.d/oriel.conf',
    ];
    assert.is(await server.run(`ls -d ${left.join(' ')} 2>/dev/null || true`), '');
    assert.is(await server.run('ip netns list; nft list tables | grep oriel || true; findmnt -rno TARGET | grep oriel || true'), '');
    assert.is(await listPackages(), packagesBefore);
    assert.is((await server.run("ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -u")).trim(), '22');
    assert.match(await server.run('ls /var/lib/oriel'), /oriel\.db/);
  });
} else test.skip('a host by Terraform', 'there is no terraform, and no tofu');

test.run();

const idOf = (path: string) => path.split('/').at(-1)!;

function listPackages(): Promise<string> {
  return server.run("dpkg-query -W -f '${Package} ${db:Status-Status}\\n'");
}

/** Of what leaves for the server, this. */
function shutAllBut(allowed: string): void {
  const rules = `ip daddr ${server.address} ${allowed} accept; ip daddr ${server.address} drop;`;
  const chain = `chain output { type filter hook output priority filter; policy accept; ${rules} }`;
  execFileSync('nft', ['-f', '-'], { input: `table inet shut {\n${chain}\n}\n` });
}

/** Asks until it is as wanted; gives the last answer in any case. */
async function until<T>(ask: () => Promise<T>, isWanted: (said: T) => boolean): Promise<T> {
  for (const late = Date.now() + 120_000 * PACE; ; await sleep(3_000)) {
    const said = await ask();
    if (isWanted(said) || Date.now() > late) return said;
  }
}

/** Path of a release of this tree, of the image that is here. */
async function makeRelease(tree: string, name: string): Promise<string> {
  const out = join(server.dir, 'releases', name);
  const words = [join(tree, 'infra/release/main.ts'), 'make', '--allow-changes', '--out', out];
  await promisify(execFile)(process.execPath, words, { maxBuffer: 1 << 24 });
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

function writeSettings(of: string, { readySeconds = 600, key = join(server.dir, 'tls/key.pem') } = {}): void {
  const ssh = { address: server.address, knownHostsFile: join(server.dir, 'known_hosts'), identityFile: server.identityFile };
  const variables = {
    ORIEL_PUBLIC_ADDRESSES: server.address,
    ORIEL_PUBLIC_URL: origin,
    ORIEL_TRUSTED_PROXIES: '127.0.0.1',
    ORIEL_TURN_URLS: `turn:${NAME}:3478?transport=udp,turns:${NAME}:5349?transport=tcp`,
    ORIEL_TURN_SECRET_FILE: '/etc/oriel/secrets/turn',
    ORIEL_DRIVER: 'container',
    ORIEL_ALLOW_WEAK_ISOLATION: true,
    ORIEL_CPU_PRESSURE_MOST: 100,
    ...Object.fromEntries(['NETWORK', 'MACHINE', 'BOOT', 'DESKTOP'].map((phase) => [`ORIEL_${phase}_TIMEOUT_SECONDS`, 300])),
  };
  const tls = { certificate: join(server.dir, 'tls/certificate.pem'), key: { file: key }, version: key.endsWith('key.pem') ? 1 : 2 };
  const secret = { from: { env: 'TEST_TURN_SECRET' } };
  const own = { certificate: tls.certificate, key: { file: join(server.dir, 'tls/key.pem') } };
  terraform.writeSettings({
    hosts: { first: { ssh, release: of, readySeconds, variables, secrets: { turn: secret } } },
    edge: { first: { host: 'first', names: [NAME], tls, metricsToken: { from: { env: 'TEST_METRICS_TOKEN' } } } },
    turn: { first: { ssh, hosts: ['first'], realm: NAME, address: server.address, tls: own, secret } },
    monitoring: { first: { ssh, hosts: ['first'], grafana: true } },
  });
}
