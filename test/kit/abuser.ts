import type { Session, SessionStarted } from '#contract/session';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from './api.ts';
import type { Desk } from './desk.ts';
import { PACE } from './pace.ts';
import { takeTerminal } from './terminal.ts';
import { ViewerPage } from './viewer.ts';

/** A flood for `sh -c`; it ends by itself when /tmp/stop is there, or is ended with its process group. */
export interface Abuse {
  script: string;
  /** A program for the clone's Node, in the place of a script. */
  node?: string;
}

const STOP_MS = 15_000 * PACE;
const OVER_MS = 45_000 * PACE;

/**
 * A second clone, whose person wants all of the host. A program of its desktop, typed into its terminal, starts what it is told to, and says when
 * it has ended. It is one process of its own: with no processes left to be had, it goes on.
 */
export class Abuser {
  readonly #desk: Pick<Desk, 'session' | 'browser' | 'target'>;
  #orders = 0;
  sessionId = '';

  constructor(desk: Pick<Desk, 'session' | 'browser' | 'target'>) {
    this.#desk = desk;
  }

  async start(): Promise<void> {
    const { session, target } = this.#desk;
    const api = new Api(session.origin, session.apiKey);
    const started = (await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'abuser', provider: 'desktop' } })).body;
    this.sessionId = started.sessionId;
    for (const until = Date.now() + 30_000 * PACE; ; await sleep(100)) {
      const { marks, status, reason } = (await api.ask<Session>(`GET /api/auth/session/${started.sessionId}`)).body;
      if ('terminal' in marks && 'chromium' in marks) break;
      if (Date.now() > until || reason) throw new Error(`the second clone is ${status}: ${reason?.message}; ${JSON.stringify(marks)}`);
    }
    target.page('/abuse.mjs', toDriver(target.url), 'text/plain');
    const viewer = await ViewerPage.open(this.#desk.browser, started.viewer.url);
    await takeTerminal(viewer, target);
    await viewer.type(`curl -s ${target.url}/abuse.mjs >/tmp/abuse.mjs; setsid node /tmp/abuse.mjs >/tmp/abuse.log 2>&1 &\n`);
    await target.waitFor('the program of the second clone', ({ path }) => path === '/abuse/ready', 10_000 * PACE);
    // Nobody looks at it: what it takes, it takes for its floods.
    await viewer.page.context().close();
  }

  /** Begins a flood; resolves when it runs. `over` waits for one that ends by itself, `stop` ends it and gives what it said. */
  async flood({ script, node }: Abuse): Promise<{ over(): Promise<unknown>; stop(): Promise<string> }> {
    const { target } = this.#desk;
    const order = ++this.#orders;
    target.page(`/abuse/order/${order}`, JSON.stringify({ script, node }), 'application/json');
    await target.waitFor('the flood', ({ path }) => path === `/abuse/begun/${order}`, STOP_MS);
    return {
      over: () => target.waitFor('the last of the flood', ({ path }) => path === `/abuse/over/${order}`, OVER_MS),
      stop: async () => {
        target.page(`/abuse/stop/${order}`, 'stop', 'text/plain');
        return (await target.waitFor('the end of the flood', ({ path }) => path === `/abuse/ended/${order}`, STOP_MS)).body;
      },
    };
  }
}

/** By the proxy, as all of Node in a clone. Whatever fails for want of something is tried again. */
function toDriver(url: string): string {
  return String.raw`
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const url = ${JSON.stringify(url)};
async function ask(path, body) {
  for (;;) {
    const reply = await fetch(url + '/abuse/' + path, body === undefined ? {} : { method: 'POST', body }).catch(() => undefined);
    if (reply?.ok) return reply;
    await sleep(100);
  }
}
await ask('ready', '');
for (let order = 1; ; order++) {
  const { script, node } = await (await ask('order/' + order)).json();
  rmSync('/tmp/stop', { force: true });
  if (node) writeFileSync('/tmp/flood.mjs', node);
  const child = spawn(node ? 'node' : 'sh', node ? ['/tmp/flood.mjs'] : ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (text) => (said = (said + text).slice(-1000)));
  child.on('exit', () => void ask('over/' + order, ''));
  await ask('begun/' + order, '');
  await ask('stop/' + order);
  writeFileSync('/tmp/stop', '');
  await sleep(300);
  try { process.kill(-child.pid, 'SIGKILL'); } catch {}
  await ask('ended/' + order, said || 'nothing');
}
`;
}
