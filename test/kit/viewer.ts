import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, CDPSession, ElementHandle, Page } from 'playwright-core';
import { watchConsole } from './browser.ts';
import { pressKey, typeText } from './keyboard.ts';
import { PACE } from './pace.ts';

/** The element as the page has it: what tests read of it. */
interface DesktopElement extends HTMLElement {
  video: HTMLVideoElement;
  transport: string;
  desktopSize: { width: number; height: number };
  stats: {
    fps: number;
    kbps: number;
    roundTripMs: number;
    answerMs?: number;
    pictures: number;
    restarts: number;
    route: string;
    encoder?: { encoder: string; fps: number; kbps: number; dropped: number };
  };
}

/** Parts of the page that a test must get at. */
interface Parts {
  connections: RTCPeerConnection[];
  closeCodes: number[];
}

interface OpenOptions {
  width?: number;
  height?: number;
  timeoutMs?: number;
  /** The element's attribute of this name. */
  patience?: number;
}

/** A viewer's page in a real browser: everything a test does to a desktop goes through it. */
export class ViewerPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly console: string[];

  private constructor(page: Page, cdp: CDPSession, console: string[]) {
    this.page = page;
    this.cdp = cdp;
    this.console = console;
  }

  /** Opens the link in a window of its own and waits for a picture. */
  static async open(
    browser: Browser,
    link: string,
    { width = 1280, height = 800, timeoutMs = 20_000 * PACE, patience }: OpenOptions = {},
  ): Promise<ViewerPage> {
    const context = await browser.newContext({ viewport: { width, height } });
    if (patience !== undefined) await context.addInitScript(setPatience, patience);
    const viewer = await ViewerPage.goTo(context, link);
    await viewer.waitForPicture(timeoutMs);
    return viewer;
  }

  /** Opens the link in another tab of a window. Of what comes of it nothing is awaited. */
  static async goTo(context: BrowserContext, link: string): Promise<ViewerPage> {
    const page = await context.newPage();
    const console = watchConsole(page);
    await page.addInitScript(keepParts);
    const viewer = new ViewerPage(page, await context.newCDPSession(page), console);
    await page.goto(link);
    return viewer;
  }

  /** Ends the page's newest peer connection behind the viewer's back. */
  async closePeerConnection(): Promise<void> {
    await this.page.evaluate(() => (globalThis as unknown as Parts).connections.at(-1)!.close());
  }

  /** How many connections of the page came to a picture. */
  async countPictures(): Promise<number> {
    return (await this.element()).evaluate(({ stats }) => stats.pictures);
  }

  /** Waits until so many connections of the page came to a picture. */
  async waitForPictures(count: number, timeoutMs: number): Promise<void> {
    for (const until = Date.now() + timeoutMs; (await this.countPictures()) < count; await sleep(50))
      if (Date.now() > until) throw new Error(`no new picture within ${timeoutMs} ms; ${await this.describe()}`);
  }

  /** Transport of the picture that is shown. */
  async transport(): Promise<string | undefined> {
    return (await this.element()).evaluate(({ transport }) => transport);
  }

  /** Addresses of the two ends that the page's newest peer connection uses, as the browser knows them, and how its packets get to a TURN server. */
  async route(): Promise<{ local: string; remote: string; relayProtocol?: string } | undefined> {
    return this.page.evaluate(async () => {
      const report = await (globalThis as unknown as Parts).connections.at(-1)!.getStats();
      const all = [...report.values()] as Record<string, string>[];
      const pair = report.get(all.find(({ type }) => type === 'transport')?.selectedCandidatePairId ?? '') as
        Record<string, string> | undefined;
      if (!pair) return undefined;
      const [local, remote] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => report.get(id!) as Record<string, string>);
      const { relayProtocol } = local as { relayProtocol?: string };
      return {
        local: `${local!.address} ${local!.candidateType}`,
        remote: `${remote!.address} ${remote!.candidateType}`,
        ...(relayProtocol !== undefined && { relayProtocol }),
      };
    });
  }

  /** Codes with which the page's WebSockets were closed since it was loaded. */
  async closeCodes(): Promise<number[]> {
    return this.page.evaluate(() => (globalThis as unknown as Parts).closeCodes);
  }

  async element(): Promise<ElementHandle<DesktopElement>> {
    return (await this.page.waitForSelector('oriel-desktop', { state: 'attached' })) as unknown as ElementHandle<DesktopElement>;
  }

  /** Waits until the video has a frame of the desktop's size. */
  async waitForPicture(timeoutMs: number): Promise<void> {
    const element = await this.element();
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(20))
      if (await element.evaluate(({ video }) => video !== undefined && video.videoWidth > 0 && video.readyState >= 2)) return;
    throw new Error(`no picture within ${timeoutMs} ms; ${await this.describe()}`);
  }

  /** What the page says, for a test that gives up on it. */
  async describe(): Promise<string> {
    const text = await this.page
      .evaluate(() => {
        const element = document.querySelector<DesktopElement>('oriel-desktop');
        return `${element?.shadowRoot?.textContent?.replace(/\s+/g, ' ')} ${JSON.stringify(element?.stats)}`;
      })
      .catch((error: Error) => error.message);
    return `the page says: ${text}; its console: ${this.console.join(' | ')}`;
  }

  /** Where a desktop pixel's centre is on the page, in CSS pixels. */
  async toPage(x: number, y: number): Promise<{ x: number; y: number }> {
    const element = await this.element();
    return element.evaluate(
      ({ video, desktopSize }, point) => {
        const box = video.getBoundingClientRect();
        const scale = Math.min(box.width / desktopSize.width, box.height / desktopSize.height);
        const left = box.left + (box.width - desktopSize.width * scale) / 2;
        const top = box.top + (box.height - desktopSize.height * scale) / 2;
        return { x: left + (point.x + 0.5) * scale, y: top + (point.y + 0.5) * scale };
      },
      { x, y },
    );
  }

  async moveTo(x: number, y: number): Promise<void> {
    const point = await this.toPage(x, y);
    await this.page.mouse.move(point.x, point.y);
  }

  async click(
    x: number,
    y: number,
    options: { button?: 'left' | 'right' | 'middle'; clickCount?: number; delay?: number } = {},
  ): Promise<void> {
    const point = await this.toPage(x, y);
    await this.page.mouse.click(point.x, point.y, options);
  }

  /** The button that changes between WebRTC and VNC. */
  async clickSwitch(): Promise<void> {
    await this.page.getByRole('button', { name: /^Switch to/ }).click();
  }

  async clickMinimise(): Promise<void> {
    await this.page.getByRole('button', { name: /^(Minimise|Restore)$/ }).click();
  }

  async type(text: string): Promise<void> {
    await typeText(this.cdp, text);
  }

  /**
   * As a person pastes what was copied: by the browser's own clipboard, and a key that the browser itself handles.
   */
  async paste(text: string, key: 'Control+V' | 'Control+Shift+V' | 'Shift+Insert'): Promise<void> {
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(this.page.url()).origin });
    await this.page.evaluate((words) => navigator.clipboard.writeText(words), text);
    await this.page.keyboard.press(key);
  }

  /** Has the login begun again, as a page around the element does it: with the viewer's own token. The status. */
  async restartLogin(): Promise<number> {
    return (await this.element()).evaluate(async (desktop) => {
      const headers = { authorization: `Bearer ${desktop.getAttribute('token')}` };
      const reply = await fetch(`/api/auth/session/${desktop.getAttribute('session')}/login/restart`, { method: 'POST', headers });
      return reply.status;
    });
  }

  /** Selects a text of the page around the desktop, as somebody leaves one selected who has copied it. */
  async selectAround(): Promise<void> {
    await this.page.evaluate(() => {
      const text = document.body.appendChild(document.createElement('p'));
      text.textContent = 'around the desktop';
      text.style.position = 'fixed';
      getSelection()!.selectAllChildren(text);
    });
  }

  async press(key: string, code = key, text?: string): Promise<void> {
    await pressKey(this.cdp, key, code, text);
  }

  /**
   * Mean brightness (0–255) of squares of the picture that is shown, centres in desktop pixels: how a test reads what is on it.
   * Empty while neither transport shows any.
   */
  async readSquares(centres: { x: number; y: number }[], size = 8): Promise<number[]> {
    const element = await this.element();
    return element.evaluate(
      ({ video, transport, shadowRoot }, { centres, size }) => {
        const source = transport === 'vnc' ? shadowRoot!.querySelector<HTMLCanvasElement>('.vnc canvas') : video;
        const width = source && 'videoWidth' in source ? source.videoWidth : (source?.width ?? 0);
        if (!transport || !source || width === 0) return [];
        const height = 'videoHeight' in source ? source.videoHeight : source.height;
        const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
        context.drawImage(source, 0, 0);
        return centres.map(({ x, y }) => {
          const { data } = context.getImageData(x - size / 2, y - size / 2, size, size);
          let sum = 0;
          for (let index = 0; index < data.length; index += 4) sum += (data[index]! + data[index + 1]! + data[index + 2]!) / 3;
          return sum / (data.length / 4);
        });
      },
      { centres, size },
    );
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Runs in the page, before its scripts: the element has the attribute from its making on. */
function setPatience(patience: number): void {
  const create = document.createElement.bind(document);
  document.createElement = (name: string) => {
    const element = create(name);
    if (name === 'oriel-desktop') element.setAttribute('patience', String(patience));
    return element;
  };
}

/** Runs in the page, before its scripts: keeps what it makes. */
function keepParts(): void {
  const parts: Parts = { connections: [], closeCodes: [] };
  // Not subclasses: noVNC looks for a socket's methods in its very prototype.
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (target, args: [RTCConfiguration?]) => {
      const connection = new target(...args);
      parts.connections.push(connection);
      return connection;
    },
  });
  globalThis.WebSocket = new Proxy(WebSocket, {
    construct: (target, args: [string, string[]?]) => {
      const socket = new target(...args);
      socket.addEventListener('close', ({ code }) => parts.closeCodes.push(code));
      return socket;
    },
  });
  Object.assign(globalThis, parts);
}
