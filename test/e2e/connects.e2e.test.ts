import type { Browser } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { connectOnce } from '#test/connect';
import { makeInternet } from '#test/internet';
import { isLong, nightly } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';

const test = suite('connects', { timeoutMs: 90_000 });

const oriel = new Oriel();
/** `just bench connects` makes 200. */
const COUNT = 20;
const LIMIT_MS = 5_000 * PACE;
let browser: Browser;
let link = '';

test.before(async () => {
  if (!isLong) return;
  makeInternet();
  ({ link } = await oriel.start());
  browser = await startBrowser();
});

test.after(async () => {
  if (!isLong) return;
  await browser?.close();
  await oriel.interrupt();
  oriel.removeFiles();
});

nightly(test)(`${COUNT} fresh pages in a row have a picture within ${LIMIT_MS / 1000} s each`, async () => {
  const taken: number[] = [];
  for (let count = 1; count <= COUNT; count++) {
    const { ms, said } = await connectOnce(browser, link, LIMIT_MS);
    assert.is(said, undefined, `connect ${count}: ${said}`);
    taken.push(Math.round(ms!));
  }
  console.log(`ms to the picture: ${taken.join(', ')}`);
});

test.run();
