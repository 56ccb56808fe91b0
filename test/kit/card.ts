import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

export interface Card {
  /** What a person sees without unfolding anything. */
  text: string;
  /** What is folded up below: services and console. */
  details: string;
}

/** The card of the viewer's page, once its text fits. */
export async function waitForCard(page: Page, pattern: RegExp, timeoutMs: number): Promise<Card> {
  let card: Card = { text: '(no card)', details: '' };
  for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(50)) {
    card = await readCard(page);
    if (pattern.test(card.text)) return card;
  }
  throw new Error(`${pattern}: not on the page within ${timeoutMs} ms; it says: ${card.text}`);
}

function readCard(page: Page): Promise<Card> {
  return page.evaluate(() => {
    const root = document.querySelector('oriel-desktop')?.shadowRoot;
    const veil = root?.querySelector<HTMLElement>('.veil');
    const texts = (selector: string) => [...(veil?.querySelectorAll(selector) ?? [])].map((part) => part.textContent).join('\n');
    if (!veil || veil.hidden) return { text: '(hidden)', details: '' };
    return { text: texts('.card > h2, .card > p, .card > pre'), details: texts('details > pre') };
  });
}
