import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'esbuild';

const HTML = `<!doctype html><meta charset="utf-8"><title>noVNC</title>
<style>html,body,main{margin:0;height:100%}</style><main></main><script type="module" src="/novnc.js"></script>`;
/** noVNC as it comes: no option but the shared desktop. */
const SCRIPT = `import RFB from '@novnc/novnc';
new RFB(document.querySelector('main'), 'ws://' + location.host + '/', { shared: true });`;

/** Builds the page into a folder. */
export async function buildNovncPage(dir: string): Promise<void> {
  await writeFile(join(dir, 'index.html'), HTML);
  const stdin = { contents: SCRIPT, resolveDir: import.meta.dirname, loader: 'js' as const };
  await build({
    stdin,
    outfile: join(dir, 'novnc.js'),
    bundle: true,
    format: 'esm',
    target: 'chrome120',
    minify: true,
    logLevel: 'warning',
  });
}

/** A page with noVNC in it, connected to a VNC server's Unix socket by a websockify of its own. */
export class NovncPage {
  readonly page: Page;
  readonly #bridge: ChildProcess;

  private constructor(page: Page, bridge: ChildProcess) {
    this.page = page;
    this.#bridge = bridge;
  }

  static async open(browser: Browser, dir: string, socket: string, address = '127.0.0.1'): Promise<NovncPage> {
    const bridge = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'websockify.ts'), dir, socket, address],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const [url] = (await once(bridge.stdout!, 'data')) as [Buffer];
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(String(url).trim());
    await page.waitForSelector('canvas');
    return new NovncPage(page, bridge);
  }

  async toPage(x: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await this.page.locator('canvas').boundingBox())!;
    return { x: box.x + x + 0.5, y: box.y + y + 0.5 };
  }

  async close(): Promise<void> {
    await this.page.context().close();
    const ended = once(this.#bridge, 'exit');
    this.#bridge.stdin!.end();
    await ended;
  }
}
