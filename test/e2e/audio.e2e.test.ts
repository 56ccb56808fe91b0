import type { Browser } from 'playwright-core';
import { Api, waitForMarks } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { connectPeer } from '#test/peer-page';
import { findInClone } from '#test/processes';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { readTones, waitForTone } from '#test/tone';
import { ViewerPage } from '#test/viewer';

/*
 * The desktop's sound, by its frequency in the stream that the page plays: of a desktop whose controller lets it out, and of one whose
 * controller does not. There the test's own peer offers audio whatever it was told.
 */
const test = suite('audio', { timeoutMs: 90_000 });

/** In the browser's window at start-up, in desktop pixels. */
const BROWSER = { x: 900, y: 450 };
const LEFT_HZ = 1000;
const RIGHT_HZ = 1500;
/** Says that it is open once it has been drawn: a click before that is lost. */
const TONE_PAGE = `<body style="height:100vh"><script>
  addEventListener('click', () => {
    const context = new AudioContext();
    const channels = new ChannelMergerNode(context, { numberOfInputs: 2 });
    for (const [channel, frequency] of [${LEFT_HZ}, ${RIGHT_HZ}].entries()) {
      const tone = new OscillatorNode(context, { frequency });
      tone.connect(channels, 0, channel);
      tone.start();
      setTimeout(() => tone.stop(), 60000);
    }
    channels.connect(context.destination);
    fetch('/clicked');
  }, { once: true });
  requestAnimationFrame(() => requestAnimationFrame(() => fetch('/opened')));
</script>`;
const TRIES = 5;

const target = new TargetServer();
let browser: Browser;
let oriel: Oriel;
let viewer: ViewerPage;
let session: { id: string; token: string };

test.before(async () => {
  makeInternet();
  await target.start();
  target.page('/tone', TONE_PAGE);
  browser = await startBrowser();
});

test.after(async () => {
  await browser?.close();
  await end();
  await target.stop();
});

test('policy on: a page plays nothing until somebody asks for it', async () => {
  await start('on');
  const button = viewer.page.getByRole('button', { name: 'Sound' });
  assert.is(await button.getAttribute('aria-pressed'), 'false');
  await playTone(440);
  assert.is(await ask('pactl list short sink-inputs | wc -l'), '1');
  assert.is(await ask('pactl list short source-outputs | wc -l'), '0');
  assert.is(await readTones(viewer), undefined);
  assert.not.match(await readOffer(), 'm=audio');
});

test('policy on: a program’s tone is heard, on the same connection, and silence when it is over', async () => {
  const pictures = await viewer.countPictures();
  await viewer.page.getByRole('button', { name: 'Sound' }).click();
  await waitForTone(viewer, 440);
  await takeTerminal(viewer, target);
  await viewer.type('kill %1\n');
  await waitForTone(viewer, undefined);
  assert.is(await viewer.countPictures(), pictures);
});

test('policy on: the browser on the desktop is heard, each channel where it belongs', async () => {
  await viewer.type(`chromium ${target.url}/tone >/dev/null 2>&1 &\n`);
  await target.waitFor('the page with the tone', ({ path }) => path === '/opened');
  await clickTonePage();
  await waitForTone(viewer, [LEFT_HZ, RIGHT_HZ]);
  if (process.env.ORIEL_SCREENSHOT) await viewer.page.screenshot({ path: process.env.ORIEL_SCREENSHOT });
});

test('policy on: a new connection has the sound that is still wanted', async () => {
  await viewer.closePeerConnection();
  await viewer.waitForPictures(2, 20_000 * PACE);
  await waitForTone(viewer, [LEFT_HZ, RIGHT_HZ]);
  assert.equal(viewer.console, []);
});

test('policy on: a sound server that dies is started again, and heard by who listened', async () => {
  await takeTerminal(viewer, target);
  assert.is(await ask('pgrep -c pulseaudio'), '1');
  assert.is(await ask('pkill -9 pulseaudio; echo $?'), '1', 'no program of the desktop can end or stop it');
  process.kill(findInClone(oriel.instance, 0, /^pulseaudio /), 'SIGKILL');
  await waitForTone(viewer, undefined);
  await playUntilHeard(660);
});

test('policy on: an agent that dies is started again, and who listened listens', async () => {
  const pictures = await viewer.countPictures();
  process.kill(findInClone(oriel.instance, 0, /\/usr\/lib\/oriel\/agent\.mjs/), 'SIGKILL');
  await viewer.waitForPictures(pictures + 1, 30_000 * PACE);
  await waitForTone(viewer, 660);
  await takeTerminal(viewer, target);
});

test('policy on: with the last who listens the capture goes, and no program of the desktop can have the server load more', async () => {
  assert.is(await ask('pactl list short source-outputs | wc -l'), '1');
  await viewer.page.getByRole('button', { name: 'Sound' }).click();
  assert.is(await readTones(viewer), undefined);
  await takeTerminal(viewer, target);
  assert.is(await ask('pactl list short source-outputs | wc -l'), '0');
  assert.is(await ask('pactl load-module module-null-sink 2>/dev/null; pactl list short sinks | wc -l'), '1');
});

test('policy on: the test’s own peer, which offers audio, gets it: what it is refused below was the policy’s', async () => {
  assert.match(await offerAudio(), /^m=audio [1-9]/m);
});

test('policy off: a page that offers audio all the same is refused it, has a picture, and no sound server runs', async () => {
  await start('off');
  assert.is(await viewer.page.getByRole('button', { name: 'Sound' }).count(), 0);
  assert.match(await offerAudio(), /^m=audio 0 /m);
  assert.is(await ask('pgrep -c pulseaudio; test -e /run/oriel/sound && echo door'), '0');
});

async function start(policy: 'off' | 'on'): Promise<void> {
  await end();
  oriel = new Oriel({ env: { ORIEL_AUDIO: policy } });
  const { link, origin, apiKey, sessionId } = await oriel.start();
  await waitForMarks(new Api(origin, apiKey), sessionId, ['terminal', 'chromium']);
  viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * PACE });
  session = { id: sessionId, token: (await (await viewer.element()).getAttribute('token'))! };
  await takeTerminal(viewer, target);
}

async function end(): Promise<void> {
  await viewer?.close().catch(() => undefined);
  await oriel?.interrupt();
  oriel?.removeFiles();
}

/** A program of the desktop plays it, in the background, until it is killed. */
async function playTone(hz: number): Promise<void> {
  await viewer.type(`gst-launch-1.0 -q audiotestsrc freq=${hz} volume=0.5 ! audioconvert ! pulsesink >/dev/null 2>&1 &\n`);
}

/** A server that has just been killed is not there at once, and a player that finds none ends. */
async function playUntilHeard(hz: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    await playTone(hz);
    const error = await waitForTone(viewer, hz, 4_000 * PACE).catch((reason: Error) => reason);
    if (!error) return;
    if (tries === TRIES) throw error;
  }
}

/** The browser's window may still be coming up when its page is open. */
async function clickTonePage(): Promise<void> {
  const isClicked = ({ path }: { path: string }) => path === '/clicked';
  for (let tries = 1; !target.received.some(isClicked); tries++) {
    await viewer.click(BROWSER.x, BROWSER.y);
    await target.waitFor('the click', isClicked, 4_000 * PACE).catch((error: Error) => {
      if (tries === TRIES) throw error;
    });
  }
}

let asked = 0;

/** What a command prints in the desktop's terminal, which has the keyboard. */
async function ask(command: string): Promise<string> {
  const path = `/said-${++asked}`;
  await viewer.type(`curl -s --data "$(${command})" ${target.url}${path}\n`);
  return (await target.waitFor(command, (request) => request.path === path)).body.trim();
}

/** What the page itself last offered. */
function readOffer(): Promise<string> {
  return viewer.page.evaluate(
    () => (globalThis as unknown as { connections: RTCPeerConnection[] }).connections.at(-1)!.localDescription!.sdp,
  );
}

/** The answer to a peer of the test's own, which is connected by it. */
async function offerAudio(): Promise<string> {
  assert.is(await connectPeer(viewer.page, { sessionId: session.id, token: session.token, audio: true }), 'connected');
  return viewer.page.evaluate(() => window.peer.connection.remoteDescription!.sdp);
}

test.run();
