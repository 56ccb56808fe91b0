import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { toTurnCredential } from '../../controller/src/ice/turn-credential.ts';
import { startBrowser } from '#test/browser';
import { trustAuthority } from '#test/certificates';
import { waitForCounter, waitForTransport } from '#test/counter';
import { Desk } from '#test/desk';
import { HOME, makeHome } from '#test/home';
import { INTERNET } from '#test/internet';
import { nft } from '#test/nft';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TurnClient } from '#test/turn-client';
import { Coturn, makeTurnHost, NEAR, TURN_HOST } from '#test/turn-host';
import { UdpEar } from '#test/udp-ear';
import { ViewerPage } from '#test/viewer';

/*
 *  home (the browser) ─ homerouter ─┬─ the test's own namespace: the host of desktops, 203.0.113.1
 *                                   └─ turnhost: Debian's coturn, 203.0.113.60
 *
 * The router at home lets nothing through but what a test says.
 */
const test = suite('a browser whose network lets no media through', { timeoutMs: 60_000 });
const claim = existsSync('/usr/bin/turnserver') ? test : (title: string) => test.skip(title, 'coturn is not installed');

const { hostAddress } = INTERNET;
const { address, ports, netns } = TURN_HOST;
const FALLBACK_MS = 8_000;
const TYPED_MS = 6_000 * PACE;
const [FIRST, SECOND] = ['a1'.repeat(32), 'b2'.repeat(32)];
const API_PORT = 7080;
const OTHER_PORT = 53_000;
const ICE_SERVERS = '/api/webrtc/ice-servers';

const dir = mkdtempSync(join(tmpdir(), 'oriel-turn-'));
const secretFile = join(dir, 'controller-secret');
const ears = [new UdpEar([API_PORT, OTHER_PORT]), new UdpEar([API_PORT, OTHER_PORT], netns)];
let coturn: Coturn;
const desk = new Desk({
  env: {
    ORIEL_BIND: hostAddress,
    ORIEL_ALLOW_WEAK_ISOLATION: '1',
    ORIEL_PUBLIC_ADDRESSES: hostAddress,
    ORIEL_TURN_URLS: [
      `turn:${address}:${ports.plain}?transport=udp`,
      `turn:${address}:${ports.plain}?transport=tcp`,
      `turns:${address}:${ports.tls}?transport=tcp`,
    ].join(),
    ORIEL_TURN_SECRET_FILE: secretFile,
  },
  openBrowser: () => startBrowser({ netns: HOME.netns, home: dir }),
});

test.before(async () => {
  if (claim !== test) return;
  coturn = new Coturn(dir);
  writeFileSync(secretFile, `${FIRST}\n`, { mode: 0o600 });
  trustAuthority(dir, coturn.certificates.authority);
  await desk.start(async () => {
    makeTurnHost();
    makeHome();
    coturn.take(FIRST);
    await coturn.start();
  });
});

test.after(async () => {
  await desk.stop();
  await coturn?.stop();
  for (const ear of ears) await ear.stop();
  rmSync(dir, { recursive: true });
});

claim('where media can go straight, nothing is relayed', async () => {
  assert.is((await desk.viewer.route())?.relayProtocol, undefined);
});

for (const [protocol, allowed] of [
  ['udp', `udp dport ${ports.plain}`],
  ['tcp', `tcp dport ${ports.plain}`],
  ['tls', `tcp dport ${ports.tls}`],
] as const)
  claim(`the picture comes by TURN over ${protocol} where nothing else is let through, and no noVNC before it`, async () => {
    const since = performance.now();
    shutAllBut(allowed);
    const viewer = await openPage();
    for (const [what, page] of [
      ['a page that is opened then', viewer],
      ['a page in use', desk.viewer],
    ] as const) {
      const ms = await waitForRelay(page, protocol, since);
      console.log(`${protocol}, ${what}: ${Math.round(ms)} ms`);
      assert.ok(ms < FALLBACK_MS * PACE, `${what}: ${ms} ms, and noVNC would have come`);
      assert.equal(await page.closeCodes(), [], 'noVNC was there');
    }
    console.log(`${protocol}, typed: ${Math.round(await desk.typeCommand(viewer, TYPED_MS))} ms`);
    await viewer.close();
  });

claim('a browser that does not believe its certificate says nothing to it by TLS', async () => {
  const stranger = await startBrowser({ netns: HOME.netns, home: mkdtempSync(join(dir, 'home-')) });
  const gathered = [await gather(stranger), await gather(desk.browser)];
  await stranger.close();
  assert.equal(gathered, [[], [`${address} relay`]]);
});

claim(
  'another secret: coturn takes both, then the controller uses the new one; neither begins anew, and what is relayed goes on',
  async () => {
    const pictures = await desk.viewer.countPictures();
    coturn.take(SECOND, FIRST);
    writeFileSync(secretFile, `${SECOND}\n${FIRST}\n`);
    const viewer = await openPage();
    await waitForRelay(viewer, 'tls');
    coturn.take(SECOND);
    await waitForCounter(viewer);
    await viewer.close();
    await waitForCounter(desk.viewer);
    assert.is(await desk.viewer.countPictures(), pictures, 'the page in use had to connect anew');
    assert.equal([await allocate(FIRST), await allocate(SECOND)], [401, 0]);
  },
);

claim('a page in use whose credential is void by now has a good one for its next way', async () => {
  const pictures = await desk.viewer.countPictures();
  const since = performance.now();
  shutAllBut(`udp dport ${ports.plain}`);
  const ms = Math.round(await waitForRelay(desk.viewer, 'udp', since));
  // As a rule; where the restart of ICE takes longer than its page waits, there is another one.
  const isSame = (await desk.viewer.countPictures()) === pictures;
  console.log(`another way: ${ms} ms, on ${isSame ? 'the same' : 'another'} connection`);
});

claim('who has a credential that is wrong, or was good once, or none, is refused, and sees his desktop by noVNC', async () => {
  assert.equal(
    [await allocate(SECOND, inSeconds(60)), await allocate(SECOND, inSeconds(-1)), await allocate('c3'.repeat(32))],
    [0, 401, 401],
  );
  const now = Math.floor(Date.now() / 1000);
  const pages = await Promise.all(
    [toTurnCredential('c3'.repeat(32), 'p-ann', now + 60), toTurnCredential(SECOND, 'p-ann', now - 60)].map((user) => openPage(user)),
  );
  for (const page of pages) {
    await waitForTransport(page, 'vnc', { timeoutMs: 20_000 * PACE });
    assert.is((await page.route())?.relayProtocol, undefined);
  }
  await desk.typeCommand(pages[0], TYPED_MS);
  await Promise.all(pages.map((page) => page.close()));
});

claim('through coturn one reaches media, and nothing else', async () => {
  const beyond = [hostAddress, '127.0.0.1', address, ...NEAR];
  const targets = beyond.flatMap((peer) => [API_PORT, OTHER_PORT].map((port) => ({ peer, port })));
  /** What a credential that is good gets of each: what coturn says, and whether a word arrives. Each has an allocation of its own: the wall ends it. */
  const probe = async (run: string) => {
    const said: Record<string, number> = {};
    const clients = targets.map(async ({ peer, port }, index) => {
      const client = new TurnClient({ address, port: ports.plain }, toTurnCredential(SECOND, `p-eve-${index}`, inSeconds(60)));
      assert.is(await client.allocate(), 0);
      said[peer] = await client.permit(peer);
      client.send(peer, port, `${run} to ${peer}:${port}\n`);
      return client;
    });
    const all = await Promise.all(clients);
    await sleep(1_000 * PACE);
    for (const client of all) client.close();
    return { said, heard: targets.filter(({ peer, port }) => ears.some((ear) => ear.has(`${run} to ${peer}:${port}\n`))) };
  };
  for (const ear of ears) await ear.start();
  const refused = coturn.refused();
  const walled = await probe('walled');
  assert.equal(walled.said, Object.fromEntries(beyond.map((peer) => [peer, peer === hostAddress ? 0 : 403])));
  assert.equal(walled.heard, []);
  assert.ok(coturn.refused() >= refused + 2, 'two ports of the host that are no media');

  await coturn.stop();
  await coturn.start({ isOpen: true });
  const open = await probe('open');
  assert.equal([Object.values(open.said).filter(Boolean), open.heard], [[], []], 'without its own list, the wall alone');
  assert.ok(coturn.refused() >= targets.length, 'all of them were refused by the wall');
  nft(netns, ['flush', 'ruleset']);
  assert.equal((await probe('bare')).heard, targets, 'without both everything is heard');
});

claim('neither coturn nor the controller wrote a secret or a credential', async () => {
  const { iceServers } = (await (
    await fetch(`${desk.session.origin}${ICE_SERVERS}`, { headers: { authorization: `Bearer ${desk.session.viewerToken}` } })
  ).json()) as {
    iceServers: { credential: string }[];
  };
  for (const secret of [FIRST, SECOND, iceServers[0]!.credential])
    for (const text of [coturn.output, desk.oriel.output]) assert.not.match(text, secret);
});

/** Of what comes from home, TCP to the controller and this. */
function shutAllBut(allowed: string): void {
  nft(
    HOME.routerNetns,
    ['-f', '-'],
    `table inet shut
delete table inet shut
table inet shut {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "lan" ip daddr ${hostAddress} tcp dport ${new URL(desk.session.origin).port} accept
    iifname "lan" ip daddr ${address} ${allowed} accept
    iifname "lan" drop
  }
}
`,
  );
}

/** A page of a window of its own. `user`: with this credential in the place of what the controller gives. */
async function openPage(user?: { username: string; credential: string }): Promise<ViewerPage> {
  const context = await desk.browser.newContext({ viewport: { width: 1280, height: 800 } });
  if (user)
    await context.route(`**${ICE_SERVERS}`, async (route) => {
      const reply = await route.fetch();
      const { iceServers } = (await reply.json()) as { iceServers: object[] };
      await route.fulfill({ response: reply, json: { iceServers: iceServers.map((server) => ({ ...server, ...user })) } });
    });
  return ViewerPage.goTo(context, desk.session.link);
}

/** Until its picture lives and comes by TURN over this; ms since `since`. */
async function waitForRelay(page: ViewerPage, protocol: string, since = performance.now(), timeoutMs = 20_000 * PACE): Promise<number> {
  for (;;) {
    const { ms } = await waitForCounter(page, { since, timeoutMs });
    const route = await page.route().catch(() => undefined);
    if (route?.relayProtocol === protocol) {
      assert.is(route.local, `${address} relay`);
      assert.match(route.remote, hostAddress);
      assert.is(await page.transport(), 'webrtc');
      return ms;
    }
    if (ms > timeoutMs)
      throw new Error(
        `not by TURN over ${protocol}: ${JSON.stringify(route)}; ${await page.describe()}; coturn: ${coturn.output.slice(-1500)}`,
      );
  }
}

/** Candidates that a browser gets by TURN over TLS. */
async function gather(browser: Browser): Promise<string[]> {
  const server = { urls: [`turns:${address}:${ports.tls}?transport=tcp`], ...toTurnCredential(FIRST, 'p-ann', inSeconds(60)) };
  const page = await browser.newPage();
  const found = await page.evaluate(async (iceServer) => {
    const connection = new RTCPeerConnection({ iceServers: [iceServer], iceTransportPolicy: 'relay' });
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.type) seen.push(`${candidate.address} ${candidate.type}`);
        else resolve();
      });
    });
    connection.createDataChannel('any');
    await connection.setLocalDescription();
    await done;
    connection.close();
    return seen;
  }, server);
  await page.close();
  return found;
}

function allocate(secret: string, expiresAt = inSeconds(60)): Promise<number> {
  const client = new TurnClient({ address, port: ports.plain }, toTurnCredential(secret, 'p-eve', expiresAt));
  return client.allocate().finally(() => client.close());
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

test.run();
