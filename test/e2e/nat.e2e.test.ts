import { startBrowser } from '#test/browser';
import { waitForCounter, waitForTransport } from '#test/counter';
import { Desk } from '#test/desk';
import { HOME, makeHome } from '#test/home';
import { INTERNET } from '#test/internet';
import { killAgent } from '#test/machine';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { allowUdp, cutUdp } from '#test/udp';
import { ViewerPage } from '#test/viewer';

/*
 * The browser is elsewhere: at home behind a NAT, and the host is known by its public address only. The page comes by plain
 * HTTP from there, so it is no secure context.
 */
const test = suite('a browser behind a NAT', { timeoutMs: 60_000 });

const { hostAddress } = INTERNET;
const RECONNECT_LIMIT_MS = 3_000 * PACE;
const desk = new Desk({
  env: { ORIEL_BIND: hostAddress, ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: hostAddress },
  openBrowser: () => startBrowser({ netns: HOME.netns }),
});

test.before(() => desk.start(makeHome));
test.after(() => desk.stop());

test('the picture comes from the host’s public address, to an insecure page', async () => {
  assert.is(new URL(desk.session.origin).hostname, hostAddress);
  assert.is(await desk.viewer.page.evaluate(() => isSecureContext), false);
  const route = await desk.viewer.route();
  assert.match(route?.remote ?? '', hostAddress, JSON.stringify(route));
  await waitForCounter(desk.viewer);
});

test('what is typed reaches the terminal', async () => {
  console.log(`typed: ${Math.round(await desk.typeCommand())} ms`);
});

for (const [what, act] of [
  ['a reload', () => void desk.viewer.page.reload().catch(() => undefined)],
  ["the end of the page's peer connection", () => desk.viewer.closePeerConnection()],
  ['kill -9 of the agent', async () => killAgent(await desk.machineId())],
] as [string, () => Promise<void> | void][])
  test(`the picture is back after ${what}`, async () => {
    const { count } = await waitForCounter(desk.viewer);
    const since = performance.now();
    await act();
    const { ms } = await waitForCounter(desk.viewer, { above: count + 1, since });
    report(`after ${what}`, ms, RECONNECT_LIMIT_MS);
    assert.is(await desk.viewer.transport(), 'webrtc');
  });

test('a second tab with the same link shows the picture, and the first goes on', async () => {
  const since = performance.now();
  const second = await ViewerPage.goTo(desk.viewer.page.context(), desk.session.link);
  const { ms, count } = await waitForCounter(second, { since });
  report('a second tab', ms, RECONNECT_LIMIT_MS);
  await waitForCounter(desk.viewer, { above: count });
  await second.page.close();
});

test('where the user’s network drops UDP, VNC comes, and WebRTC when it does no longer', async () => {
  cutUdp(HOME.routerNetns);
  const viewer = await ViewerPage.goTo(await desk.browser.newContext({ viewport: { width: 1280, height: 800 } }), desk.session.link);
  const pages = { 'a page that is opened then': viewer, 'a page in use': desk.viewer };
  const all = async (transport: string, limitMs: number) => {
    const since = performance.now();
    for (const [what, page] of Object.entries(pages))
      report(`${transport}, ${what}`, await waitForTransport(page, transport, { since }), limitMs);
  };
  await all('vnc', 12_000 * PACE);
  await desk.typeCommand(viewer);
  allowUdp(HOME.routerNetns);
  await all('webrtc', 15_000 * PACE);
  await desk.typeCommand(viewer);
  await viewer.close();
});

test('the button changes to VNC and back at once', async () => {
  for (const transport of ['vnc', 'webrtc']) {
    const since = performance.now();
    await desk.viewer.clickSwitch();
    report(`button to ${transport}`, await waitForTransport(desk.viewer, transport, { since }), 1_000 * PACE);
    await desk.typeCommand();
  }
});

test('the page wrote no error, and no WebSocket broke', async () => {
  // noVNC's own advice to operators, said wherever the page does not come by TLS.
  assert.equal(
    desk.viewer.console.filter((line) => !line.includes('noVNC requires a secure context')),
    [],
  );
  const codes = await desk.viewer.closeCodes();
  assert.ok(codes.length > 0 && !codes.includes(1006), `closed with: ${codes.join(', ')}`);
});

function report(what: string, ms: number, limitMs: number): void {
  console.log(`${what}: ${Math.round(ms)} ms`);
  assert.ok(ms <= limitMs, `${what}: ${Math.round(ms)} ms, at most ${limitMs} ms`);
}

test.run();
