import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { enterField, FIELDS, type Field, openFields, PAGE, readLines, waitForLine } from '#test/fields';
import { makeInternet } from '#test/internet';
import { isDead, type LayoutKey, LEVELS, toLayoutKeys } from '#test/layout';
import { isLong, nightly } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, note, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';
import { XSeat } from '#test/x-seat';

/*
 * Keyboard parity: keys pressed on a second X server, by key code, as hardware does it, in the viewer in a headed Chromium. What comes
 * of them in a field of the desktop is what comes of the same keys in a text field of that Chromium itself.
 */
const test = suite('keyboard', { timeoutMs: 90_000 });

const claim = nightly(test);
/** What stands in each layout, so that it is no other: some of it comes with AltGr, some of dead keys. */
const LAYOUTS: Record<string, string> = {
  us: 'qwertyuiop[]',
  de: 'öäüß€@~âé',
  fr: 'azerty€@ùàçê',
  es: 'ñç€@¡¿áü',
  ru: 'йцукенгшщзхъЙЦУКЕНГШЩЗХЪ',
  jp: '@[:]',
  'us(intl)': '¡áñü',
  'jp(kana)': 'ヌフアウエオヤユヨワホヘ',
};
const BASES = ['space', 'a', 'e', 'i', 'o', 'u', 'n', 'c', 'A'];
const COMPOSED = ['o c', 's s', 'a e'];

const oriel = new Oriel();
const target = new TargetServer();
const rows: string[] = [];
let seat: XSeat;
let browser: Browser;
let viewer: ViewerPage;
let local: Page;

test.before(async () => {
  if (!isLong) return;
  makeInternet();
  await target.start();
  seat = await XSeat.start();
  const { link } = await oriel.start(60_000 * PACE);
  browser = await startBrowser({ display: seat.display });
  viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * PACE });
  local = await viewer.page.context().newPage();
  await local.setContent(PAGE);
  await viewer.page.bringToFront();
  await seat.focus('chromium');
  await takeTerminal(viewer, target);
  await openFields(viewer, target);
});

test.after(async () => {
  await browser?.close();
  if (!isLong) return;
  await oriel.interrupt();
  await target.stop();
  await seat?.stop();
  oriel.removeFiles();
});

type Line = { what: string; keys: LayoutKey[]; compose?: true };

for (const [layout, sample] of Object.entries(LAYOUTS)) {
  claim(`layout ${layout}: each key with its modifiers, each dead key and Compose arrive in ${FIELDS.join(', ')}`, async () => {
    const lines = toLines(toLayoutKeys(seat.setLayout(layout)));
    const wanted = await typeLocally(lines);
    for (const character of sample)
      assert.ok(wanted.join('').includes(character), `no ${character} in layout ${layout}: ${wanted.join(' ')}`);
    const misses: string[] = [];
    for (const field of FIELDS) misses.push(...(await compare(layout, field, lines, wanted)));
    assert.equal(misses, []);
  });
}

claim('what an input method composes arrives, and nothing of what it showed before', async () => {
  for (const field of FIELDS) {
    await enterField(viewer, target, field);
    const before = readLines(target, field).length;
    for (const [shown, text] of [
      ['にほん', '日本'],
      ['ㅎ', '한'],
      ['pin', '拼音'],
    ] as const) {
      await viewer.cdp.send('Input.imeSetComposition', { text: shown, selectionStart: shown.length, selectionEnd: shown.length });
      await viewer.cdp.send('Input.insertText', { text });
    }
    await viewer.type('\n');
    assert.is(await waitForLine(target, field, before), '日本한拼音', field);
  }
});

claim('the table', () => {
  note(['layout    field     characters that arrived, of those that a local field had', ...rows].join('\n'));
  assert.equal(viewer.console, []);
});

test.run();

function toLines(keys: LayoutKey[]): Line[] {
  const plain = keys.filter((key) => !isDead(key));
  const find = (name: string) => plain.find((key) => key.name === name) ?? [];
  const levels = LEVELS.map((level) => ({ what: level, keys: plain.filter((key) => key.level === level) }));
  const dead = keys.filter(isDead).flatMap((key) => BASES.flatMap(find).flatMap((base) => [key, base]));
  const composed = COMPOSED.map((names) => ({ what: 'Compose', keys: names.split(' ').flatMap(find), compose: true as const }));
  return [...levels, { what: 'dead keys', keys: dead }, ...composed.filter(({ keys }) => keys.length === 2)].filter(
    ({ keys }) => keys.length > 0,
  );
}

async function type({ keys, compose }: Line): Promise<void> {
  await (compose ? seat.compose(keys) : seat.type(keys));
  await seat.pressReturn();
}

async function typeLocally(lines: Line[]): Promise<string[]> {
  await local.bringToFront();
  await local.focus('input');
  const texts: string[] = [];
  for (const line of lines) {
    await type(line);
    await local.waitForFunction((count) => (globalThis as unknown as { lines: string[] }).lines.length > count, texts.length);
    texts.push((await local.evaluate(() => (globalThis as unknown as { lines: string[] }).lines)).at(-1)!);
  }
  await local.evaluate(() => ((globalThis as unknown as { lines: string[] }).lines = []));
  await viewer.page.bringToFront();
  return texts;
}

/** Types the lines in a field; tells what did not arrive as wanted. */
async function compare(layout: string, field: Field, lines: Line[], wanted: string[]): Promise<string[]> {
  await enterField(viewer, target, field);
  const misses: string[] = [];
  let [arrived, all] = [0, 0];
  for (const [index, line] of lines.entries()) {
    const before = readLines(target, field).length;
    await type(line);
    const got = await waitForLine(target, field, before, 20_000 * PACE).catch((error: Error) => error.message);
    const characters = [...wanted[index]!];
    all += characters.length;
    if (got === wanted[index]) arrived += characters.length;
    else misses.push(`${layout}, ${field}, ${line.what}: ${got} for ${wanted[index]}`);
  }
  rows.push(`${layout.padEnd(10)}${field.padEnd(10)}${arrived} of ${all}`);
  return misses;
}
