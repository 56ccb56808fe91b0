import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { CloneProgram } from '../kit/clone.ts';
import { startFlip, toPaints } from './flip.ts';
import { WIDE } from '../network/links.ts';
import { installProbe, look, settle, takeClicks, type Click } from './probe.ts';
import { CLICK, PROBE, type SceneName } from './scenes.ts';
import { VARIANTS, type Opened, type Stage, type VariantName } from './variants.ts';

/** A press, with the time from its sending to the X server's having drawn. */
export type Sample = Click & { paintMs: number };

/** One variant on one scene. */
export interface Block {
  start: number;
  variant: VariantName;
  scene: SceneName;
  encoder: string;
  samples: Sample[];
}

/** Presses that are not counted: code and caches warm up. */
const WARM_UP = 3;
const HOLD_MS = 100;
const FIRST_PICTURE_MS = 20_000;

/** Of one block. */
export interface Presses {
  clicks: number;
  input: 'button' | 'key';
}

type Wanted = Pick<Block, 'start' | 'variant' | 'scene'>;

/** Opens a page, presses the button, or a key, `clicks` times on a screen that is at rest before each, and closes the page. */
export async function measureBlock(stage: Stage, wanted: Wanted, { clicks, input }: Presses, random: () => number): Promise<Block> {
  const flip = await startFlip(stage.clone, wanted.scene);
  try {
    stage.wire?.link.shape(WIDE);
    const opened = await VARIANTS[wanted.variant](stage);
    try {
      if (stage.wire) stage.wire.link.shape(stage.wire.shape);
      return { ...wanted, ...(await measure(opened, flip, { clicks, input }, random)) };
    } finally {
      stage.wire?.link.shape(WIDE);
      await opened.close();
    }
  } finally {
    await flip.stop();
  }
}

async function measure({ page, toPage, encoder }: Opened, flip: CloneProgram, { clicks, input }: Presses, random: () => number) {
  const place = await toPage(CLICK.x, CLICK.y);
  await page.mouse.move(place.x, place.y);
  await page.evaluate(() => document.querySelector<HTMLElement>('oriel-desktop, canvas')!.focus());
  await installProbe(page, PROBE);
  await waitForBlack(page);
  const name = await encoder();
  for (let count = 0; count < WARM_UP + clicks; count++) await press(page, input, random);
  await settle(page);
  const taken = await takeClicks(page);
  await flip.waitUntil(`${taken.length} pictures drawn`, () => toPaints(flip).length === taken.length);
  const paints = toPaints(flip);
  const samples = taken.map((click, index): Sample => ({ ...click, paintMs: paints[index]! - click.at }));
  return { encoder: name, samples: samples.slice(WARM_UP) };
}

/** The pause is as long as a random number says: not in step with any clock of screen, capture or browser. */
async function press(page: Page, input: Presses['input'], random: () => number): Promise<void> {
  await settle(page);
  await sleep(150 + 200 * random());
  await (input === 'key' ? page.keyboard.down('a') : page.mouse.down());
  await sleep(HOLD_MS);
  await (input === 'key' ? page.keyboard.up('a') : page.mouse.up());
}

/** Each scene begins black: until then the page shows something older. */
async function waitForBlack(page: Page): Promise<void> {
  for (const until = Date.now() + FIRST_PICTURE_MS; Date.now() < until; await sleep(50)) if ((await look(page)) < 50) return;
  throw new Error(`the scene is not on the page after ${FIRST_PICTURE_MS} ms`);
}
