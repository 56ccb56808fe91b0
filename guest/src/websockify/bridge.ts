import { connect } from 'node:net';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a slow viewer before no more are read from VNC. */
const WAITING_MAX = 1024 * 1024;
const RESUME_CHECK_MS = 20;

/** Codes of RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;
const SERVER_ERROR = 1011;

/** Copies bytes between a WebSocket and VNC's Unix socket until either ends; the other one is closed then. */
export function bridge(socket: WebSocket, vncSocket: string): void {
  const vnc = connect(vncSocket);
  socket.on('message', (data: Buffer) => {
    if (!vnc.write(data)) socket.pause();
  });
  vnc.on('drain', () => socket.resume());
  vnc.on('data', (data) => {
    socket.send(data);
    if (socket.bufferedAmount > WAITING_MAX) pauseUntilSent();
  });
  vnc.on('error', () => socket.close(SERVER_ERROR, 'desktop does not answer'));
  vnc.on('close', () => socket.close(GOING_AWAY, 'desktop closed the connection'));
  socket.on('close', () => vnc.destroy());
  socket.on('error', () => vnc.destroy());

  function pauseUntilSent(): void {
    vnc.pause();
    const timer = setInterval(() => {
      if (socket.bufferedAmount > WAITING_MAX / 2 && socket.readyState === socket.OPEN) return;
      clearInterval(timer);
      vnc.resume();
    }, RESUME_CHECK_MS);
  }
}
