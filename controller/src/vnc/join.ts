import type { WebSocket } from 'ws';

/** A side that has so many bytes waiting stops the other from sending, until half of them are gone. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Proxies and NATs forget connections on which nothing comes. */
const PING_MS = 20_000;
const GOING_AWAY = 1001;
const BROKEN = 1011;

/** RFB messages that a person causes: KeyEvent, PointerEvent, ClientCutText, QEMU's key event. noVNC sends each by itself. */
const OF_A_PERSON = [4, 5, 6, 255];

/** Ties two WebSockets together until either closes, or `life` aborts: then the browser's is closed with a code that says why, and the other at once. */
export function join(browser: WebSocket, upstream: WebSocket, life: AbortSignal, onInput: () => unknown = () => undefined): void {
  const end = () => {
    browser.close(GOING_AWAY, 'the session is over, access was taken back, or the controller leaves');
    // Its machine is gone without a word: a virtual one leaves nobody who would answer a good-bye.
    upstream.terminate();
  };
  const ping = setInterval(() => browser.ping(), PING_MS);
  life.addEventListener('abort', end, { once: true });
  browser.once('close', () => clearInterval(ping));
  browser.on('message', (data: Buffer) => void (OF_A_PERSON.includes(data[0] ?? 0) && onInput()));
  upstream.once('close', () => life.removeEventListener('abort', end));
  forward(browser, upstream);
  forward(upstream, browser);
  upstream.resume();
  if (life.aborted) end();
}

function forward(from: WebSocket, to: WebSocket): void {
  from.on('message', (data: Buffer, isBinary: boolean) => {
    to.send(data, { binary: isBinary }, () => {
      if (to.bufferedAmount < HIGH_WATER_BYTES / 2) from.resume();
    });
    if (to.bufferedAmount > HIGH_WATER_BYTES) from.pause();
  });
  // ws closes the socket itself after an error.
  from.on('error', () => to.close(BROKEN, 'the other side failed'));
  from.on('close', (code, reason) => to.close(isSendable(code) ? code : BROKEN, reason));
}

/** 1005 and 1006 only say how a socket ended here; they cannot be sent. */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}
