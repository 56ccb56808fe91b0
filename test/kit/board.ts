import { setTimeout as sleep } from 'node:timers/promises';
import { COUNTER } from './counter.ts';
import { PACE } from './pace.ts';
import type { TargetServer } from './target-server.ts';

/** What the board tells of one event in the desktop's browser. Coordinates are screen pixels of the desktop. */
export interface BoardEvent {
  n: number;
  type: string;
  /** ms in the life of the board's page. */
  at: number;
  x: number;
  y: number;
  button: number;
  buttons: number;
  deltaX: number;
  deltaY: number;
  key: string;
}

/** A page for the whole desktop: draws the counter, and tells the target server of each pointer, wheel and key event. */
export const BOARD_PAGE = `<!doctype html><meta charset="utf-8"><title>board</title>
<style>html,body{margin:0;height:100%;background:#808080;overflow:hidden;user-select:none}canvas{position:fixed;left:0;top:0}</style><canvas></canvas><script>
const { bits, cell, x, y } = ${JSON.stringify(COUNTER)};
const canvas = document.querySelector('canvas');
canvas.width = x * 2 + (bits + 2) * cell; canvas.height = y * 2 + cell;
const context = canvas.getContext('2d');
const started = Date.now();
setInterval(() => {
  const count = Math.floor((Date.now() - started) / 100);
  for (let index = 0; index < bits + 2; index++) {
    const on = index === 0 ? 1 : index === bits + 1 ? 0 : (count >> (bits - index)) & 1;
    context.fillStyle = on ? '#fff' : '#000';
    context.fillRect(x + index * cell, y, cell, cell);
  }
}, 20);
let n = 0;
const queue = [];
let sending = false;
async function send() {
  if (sending) return;
  sending = true;
  while (queue.length) await fetch('/board/events', { method: 'POST', body: JSON.stringify(queue.splice(0)) });
  sending = false;
}
for (const type of ['mousedown', 'mouseup', 'mousemove', 'dblclick', 'contextmenu', 'wheel', 'keydown', 'keyup'])
  addEventListener(type, (event) => {
    event.preventDefault();
    queue.push({ n: n++, type, at: Math.round(event.timeStamp), x: event.screenX, y: event.screenY, button: event.button, buttons: event.buttons, deltaX: event.deltaX, deltaY: event.deltaY, key: event.key });
    void send();
  }, { passive: false });
const open = () => fetch('/board/open', { method: 'POST', body: innerWidth + 'x' + innerHeight });
addEventListener('resize', open);
open();
</script>`;

/** The board's events in the order in which they happened. */
export class Board {
  readonly #target: TargetServer;
  #from = 0;

  constructor(target: TargetServer) {
    this.#target = target;
    target.page('/board', BOARD_PAGE);
  }

  get events(): BoardEvent[] {
    return this.#target.received
      .filter(({ path }) => path === '/board/events')
      .flatMap(({ body }) => JSON.parse(body) as BoardEvent[])
      .filter(({ n }) => n >= this.#from)
      .sort((a, b) => a.n - b.n);
  }

  /** Forgets what was seen so far. */
  clear(): void {
    this.#from = Math.max(this.#from, ...this.events.map(({ n }) => n + 1));
  }

  /** Waits for `count` events that fit. */
  async wait(what: string, fits: (event: BoardEvent) => boolean, count = 1, timeoutMs = 10_000 * PACE): Promise<BoardEvent[]> {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(10)) {
      const found = this.events.filter(fits);
      if (found.length >= count) return found;
    }
    throw new Error(
      `${what}: ${this.events.filter(fits).length} of ${count} within ${timeoutMs} ms; seen: ${JSON.stringify(this.events.slice(-8))}`,
    );
  }
}
