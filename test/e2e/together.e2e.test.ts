import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#contract/viewer';
import { Api } from '#test/api';
import { Desk } from '#test/desk';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/* Two who may use one desktop, and one who may look: whose turn it is is said by the desktop's agent, whatever their pages send. */
const test = suite('together', { timeoutMs: 60_000 });

type People = HTMLElement & { askForControl(): void; giveControl(to?: number): void };

const desk = new Desk({ env: { ORIEL_CONTROL: 'one' } });
let ann: ViewerPage;
let bea: ViewerPage;
let vic: ViewerPage;

test.before(async () => {
  await desk.start();
  ann = desk.viewer;
  bea = await open('control');
  vic = await open('view');
  await setName(ann, 'Ann');
  await setName(bea, 'Bea');
});
test.after(() => desk.stop());

test('each sees who is there, what they may, and which one it is', async () => {
  for (const [viewer, you] of [
    [ann, 'Ann'],
    [bea, 'Bea'],
    [vic, 'Viewer 3'],
  ] as const) {
    await viewer.page.getByRole('button', { name: '3 people' }).click();
    const rows = ['Ann', 'Bea', 'Viewer 3'].map((name) => (name === you ? `${name} (you)` : name));
    await waitForRows(viewer, [`${rows[0]} has control`, rows[1]!, `${rows[2]} looks on`]);
  }
  await shoot(ann, 'ann');
  await shoot(bea, 'bea');
  assert.is(await bea.page.getByRole('button', { name: 'Ask for control' }).isVisible(), true);
  assert.is(await vic.page.getByRole('button', { name: 'Ask for control' }).isVisible(), false);
});

test('the desktop hears the one who has control, and of the other drops and counts what the page sends all the same', async () => {
  await assertClicks(ann);
  const before = await countIgnored(bea);
  await assertNoClick(bea);
  await bea.page.keyboard.press('a');
  for (const until = Date.now() + 10_000 * PACE; (await countIgnored(bea)) <= before; await sleep(100))
    assert.ok(Date.now() < until, 'what Bea sent is not counted');
  assert.equal(
    desk.board.events.filter(({ type }) => type.startsWith('key')),
    [],
  );
});

test('who asks is given it, and what the first one holds goes up; then the other is heard, and the first is not', async () => {
  await ann.moveTo(900, 100);
  await ann.page.mouse.click(...(await pointOf(ann)));
  await ann.page.keyboard.down('Shift');
  await desk.board.wait('Shift', ({ type, key }) => type === 'keydown' && key === 'Shift');
  await bea.page.getByRole('button', { name: 'Ask for control' }).click();
  await waitForRows(ann, ['Ann (you) has control', 'Bea asks for control', 'Viewer 3 looks on']);
  await ann.page.locator('#people').getByText('Bea asks for control.').waitFor();
  await shoot(ann, 'asked');
  desk.board.clear();
  await (await ann.element()).evaluate((element) => (element as unknown as People).giveControl(2));
  await desk.board.wait('Shift let go', ({ type, key }) => type === 'keyup' && key === 'Shift');
  await waitForRows(bea, ['Ann', 'Bea (you) has control', 'Viewer 3 looks on']);
  await ann.page.keyboard.up('Shift');
  await assertClicks(bea);
  await assertNoClick(ann);
});

test('who refuses keeps it; the page says so', async () => {
  await ann.page.getByRole('button', { name: 'Ask for control' }).click();
  await bea.page.getByRole('button', { name: 'Refuse Ann' }).click();
  await ann.page.locator('#people').getByText('You were refused control.').waitFor();
  await assertClicks(bea);
});

test('whoever has control and loads the page anew has it still', async () => {
  await bea.page.reload();
  await bea.waitForPicture(20_000 * PACE);
  await assertClicks(bea);
  await assertNoClick(ann);
});

test('VNC, which knows of no turns, is not there to get round it', async () => {
  assert.is(await ann.page.getByRole('button', { name: 'Switch to VNC' }).isVisible(), false);
  const { origin, sessionId, viewerToken } = desk.session;
  const open = (words: { url: string; protocols: string[] }) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(words.url, words.protocols);
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    });
  const url = `${origin.replace('http', 'ws')}/api/vnc/session/${sessionId}`;
  assert.is(await open({ url, protocols: ['binary', `oriel.${viewerToken}`] }), 'refused');
});

test('when the one who has it leaves for good, the next one has it', async () => {
  await bea.close();
  await ann.page
    .locator('#people')
    .getByText('You have control.')
    .waitFor({ timeout: 20_000 * PACE });
  await assertClicks(ann);
  await ann.page.getByRole('button', { name: '2 people' }).click();
  assert.equal([ann.console, vic.console], [[], []]);
});

async function open(role: Viewer['role']): Promise<ViewerPage> {
  const api = new Api(desk.session.origin, desk.session.apiKey);
  const { body } = await api.ask<Viewer>(`POST /api/auth/session/${desk.session.sessionId}/viewers`, { body: { role } });
  return ViewerPage.open(desk.browser, body.url);
}

async function setName(viewer: ViewerPage, name: string): Promise<void> {
  await (await viewer.element()).evaluate((element, value) => element.setAttribute('name', value), name);
}

/** The list as a person reads it. */
async function waitForRows(viewer: ViewerPage, wanted: readonly string[]): Promise<void> {
  const read = () =>
    viewer.page.evaluate(() =>
      [...document.querySelector('oriel-desktop')!.shadowRoot!.querySelectorAll('#people li')].map((item) =>
        [...item.querySelectorAll('span')]
          .map(({ textContent }) => textContent)
          .join(' ')
          .trim(),
      ),
    );
  for (const until = Date.now() + 10_000 * PACE; ; await sleep(50)) {
    const rows = await read();
    if (JSON.stringify(rows) === JSON.stringify(wanted)) return;
    if (Date.now() > until) assert.equal(rows, wanted);
  }
}

async function countIgnored(viewer: ViewerPage): Promise<number> {
  const stats = await (await viewer.element()).evaluate((element) => element.stats as unknown as { encoder?: { ignored?: number } });
  return stats.encoder?.ignored ?? 0;
}

async function pointOf(viewer: ViewerPage): Promise<[number, number]> {
  const { x, y } = await viewer.toPage(900, 100);
  return [x, y];
}

async function assertClicks(viewer: ViewerPage): Promise<void> {
  desk.board.clear();
  await viewer.page.mouse.click(...(await pointOf(viewer)));
  await desk.board.wait('a click', ({ type }) => type === 'mousedown');
}

/** What one sends comes before what the other sends a second later. */
async function assertNoClick(viewer: ViewerPage): Promise<void> {
  desk.board.clear();
  await viewer.page.mouse.click(...(await pointOf(viewer)));
  await sleep(1_000);
  assert.equal(
    desk.board.events.filter(({ type }) => type === 'mousedown'),
    [],
  );
}

/** Kept for those who want to look: ORIEL_SCREENSHOT names a directory. */
async function shoot(viewer: ViewerPage, name: string): Promise<void> {
  const dir = process.env.ORIEL_SCREENSHOT;
  if (dir) await viewer.page.screenshot({ path: `${dir}/together-${name}.png` });
}

test.run();
