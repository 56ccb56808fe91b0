import { setTimeout as sleep } from 'node:timers/promises';
import { waitForCounter, waitForTransport } from '#test/counter';
import { Desk } from '#test/desk';
import { isLong } from '#test/long';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { allowUdp, cutUdp } from '#test/udp';
import { ViewerPage } from '#test/viewer';

const test = suite('fallback', { timeoutMs: 90_000 });

const VNC_LIMIT_MS = 12_000 * PACE;
const BACK_LIMIT_MS = 15_000 * PACE;
const BUTTON_LIMIT_MS = 1_000 * PACE;
const TYPED_LIMIT_MS = 2_000 * PACE;
const ABNORMAL = 1006;
const desk = new Desk();

test.before(() => desk.start());
test.after(() => desk.stop());

test('a page that is opened where UDP is dropped shows the desktop by VNC, and WebRTC takes over when UDP is let through', async () => {
  cutUdp();
  const viewer = await ViewerPage.goTo(await desk.browser.newContext({ viewport: { width: 1280, height: 800 } }), desk.session.link);
  report('VNC, UDP dropped before the offer', await waitForTransport(viewer, 'vnc'), VNC_LIMIT_MS);
  report('typed by VNC', await desk.typeCommand(viewer), TYPED_LIMIT_MS);
  allowUdp();
  report('WebRTC, UDP let through', await waitForTransport(viewer, 'webrtc'), BACK_LIMIT_MS);
  report('typed by WebRTC', await desk.typeCommand(viewer), TYPED_LIMIT_MS);
  await viewer.close();
});

test(
  'a connection whose UDP is cut in use is followed by VNC, and by WebRTC when UDP is let through again',
  async () => {
    await use(desk.viewer, isLong ? 60_000 : 10_000);
    cutUdp();
    report('VNC, UDP cut in use', await waitForTransport(desk.viewer, 'vnc'), VNC_LIMIT_MS);
    report('typed by VNC', await desk.typeCommand(), TYPED_LIMIT_MS);
    allowUdp();
    report('WebRTC, UDP let through again', await waitForTransport(desk.viewer, 'webrtc'), BACK_LIMIT_MS);
    report('typed by WebRTC', await desk.typeCommand(), TYPED_LIMIT_MS);
  },
  { timeoutMs: 150_000 },
);

test('the button changes to VNC and back at once', async () => {
  for (let time = 0; time < 3; time++)
    for (const transport of ['vnc', 'webrtc']) {
      const since = performance.now();
      await desk.viewer.clickSwitch();
      report(`button to ${transport}`, await waitForTransport(desk.viewer, transport, { since }), BUTTON_LIMIT_MS);
      await desk.typeCommand();
    }
});

test('what was minimised and is restored goes on where it was, by either transport', async () => {
  for (const transport of ['webrtc', 'vnc']) {
    if ((await desk.viewer.transport()) !== transport) await desk.viewer.clickSwitch();
    await waitForTransport(desk.viewer, transport);
    const [pictures, closed] = [await desk.viewer.countPictures(), await desk.viewer.closeCodes()];
    await desk.viewer.clickMinimise();
    const box = await (await desk.viewer.element()).boundingBox();
    assert.ok(box!.height < 40, `minimised, it is ${box!.height} pixels high`);
    await sleep(3_000); // longer than any silence that a connection in use may have
    const since = performance.now();
    await desk.viewer.clickMinimise();
    report(`restored, by ${transport}`, await waitForTransport(desk.viewer, transport, { since }), BUTTON_LIMIT_MS);
    assert.equal([await desk.viewer.countPictures(), await desk.viewer.closeCodes()], [pictures, closed], 'the connection is the same');
    await desk.typeCommand();
  }
  await desk.viewer.clickSwitch();
  await waitForTransport(desk.viewer, 'webrtc');
});

test(
  'no WebSocket breaks while VNC is in use',
  async () => {
    const before = await desk.viewer.closeCodes();
    await desk.viewer.clickSwitch();
    await waitForTransport(desk.viewer, 'vnc');
    await use(desk.viewer, isLong ? 600_000 : 20_000);
    assert.equal(await desk.viewer.closeCodes(), before, 'closed while in use');
    await desk.viewer.clickSwitch();
    await waitForTransport(desk.viewer, 'webrtc');
    const codes = await waitForClose(desk.viewer, before.length);
    assert.not.ok(codes.includes(ABNORMAL), `closed with: ${codes.join(', ')}`);
  },
  { timeoutMs: 660_000 },
);

test('the page wrote no error', () => {
  assert.equal(desk.viewer.console, []);
});

/** The codes with which WebSockets of the page closed, once there are more than `known`: the closing handshake takes its time. */
async function waitForClose(viewer: ViewerPage, known: number): Promise<number[]> {
  for (const end = Date.now() + 5_000 * PACE; Date.now() < end; await sleep(50)) {
    const codes = await viewer.closeCodes();
    if (codes.length > known) return codes;
  }
  throw new Error('the end of VNC was not seen within 5 s');
}

/** Uses the desktop as a person would, with a picture that lives all the time. */
async function use(viewer: ViewerPage, ms: number): Promise<void> {
  const { count } = await waitForCounter(viewer);
  let above = count;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(500)) {
    ({ count: above } = await waitForCounter(viewer, { above, timeoutMs: 3_000 * PACE }));
    await viewer.moveTo(300 + (above % 100), 500);
  }
  await desk.typeCommand(viewer);
}

function report(what: string, ms: number, limitMs: number): void {
  console.log(`${what}: ${Math.round(ms)} ms`);
  assert.ok(ms <= limitMs, `${what}: ${Math.round(ms)} ms, at most ${limitMs} ms`);
}

test.run();
