import { WebSocket } from 'ws';
import { Refusal } from '../refusal.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** A clone that is asked to close answers in a millisecond, unless it is hostile. */
const CLOSE_TIMEOUT_MS = 1_000;
const MESSAGE_MAX_BYTES = 32 * 1024 * 1024;

/** A WebSocket to a clone's websockify, paused: nothing is lost before somebody listens. Throws Refusal (502). */
export function connectUpstream(url: string, secret: string, signal: AbortSignal): Promise<WebSocket> {
  const upstream = new WebSocket(url, ['binary'], {
    headers: { authorization: `Bearer ${secret}` },
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    ...{ closeTimeout: CLOSE_TIMEOUT_MS }, // of ws 8.19, of which its types do not know yet
  });
  const abort = () => upstream.terminate();
  signal.addEventListener('abort', abort);
  return new Promise<WebSocket>((resolve, reject) => {
    upstream.once('open', () => {
      upstream.pause();
      resolve(upstream);
    });
    upstream.once('error', (cause) =>
      reject(new Refusal(502, 'vnc_unreachable', `the desktop’s VNC cannot be reached: ${cause.message}`, { cause })),
    );
  }).finally(() => signal.removeEventListener('abort', abort));
}
