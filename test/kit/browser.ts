import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const PATHS = [process.env.ORIEL_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Debian's Chromium, headless, with stock flags but for what root and a closed network need. WebRTC is as a user has it:
 * mDNS names hide local addresses, loopback is not used. With `netns` it runs in that network namespace, with `home` it has another HOME,
 * with `display` it is on that X server.
 */
export async function startBrowser({ netns, home, display }: { netns?: string; home?: string; display?: string } = {}): Promise<Browser> {
  const path = PATHS.find((path) => path && existsSync(path));
  if (!path) throw new Error('no Chromium: apt-get install chromium, or name one by ORIEL_CHROMIUM');
  const wrapper = netns === undefined ? undefined : wrap(path, netns);
  const browser = await chromium.launch({
    executablePath: wrapper ?? path,
    ...(display !== undefined && { headless: false }),
    env: {
      ...process.env,
      ...(home !== undefined && { HOME: home }),
      // GTK composes characters where the locale has them.
      ...(display !== undefined && { DISPLAY: display, LC_ALL: 'C.UTF-8' }),
    },
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  if (wrapper) browser.on('disconnected', () => rmSync(dirname(wrapper), { recursive: true, force: true }));
  return browser;
}

/** A program that runs another in a namespace: playwright speaks to it by pipes, which come along. */
function wrap(path: string, netns: string): string {
  const wrapper = join(mkdtempSync(join(tmpdir(), 'oriel-browser-')), 'chromium');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${netns} ${path} "$@"\n`, { mode: 0o755 });
  return wrapper;
}

/** Errors and warnings that a page wrote to its console, and exceptions, as they come. */
export function watchConsole(page: Page): string[] {
  const seen: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.push(`exception: ${error.message}`));
  return seen;
}
