import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Clone } from '../kit/clone.ts';

/** Where it listens, and that it stays and asks for no password. Nothing that changes how it works. */
const FLAGS = ['-display', ':0', '-rfbport', '0', '-rfbportv6', '0', '-forever', '-shared', '-nopw', '-norc', '-quiet'];

/** One more x11vnc on the clone's desktop, beside the one of the image, which sleeps while nobody is connected to it. */
export async function startX11vnc(clone: Clone, flags: readonly string[]): Promise<{ socket: string; stop(): Promise<void> }> {
  const inside = `/tmp/bench-vnc-${randomUUID()}`;
  const socket = clone.path(inside);
  const program = clone.start(['x11vnc', '-unixsock', inside, ...FLAGS, ...flags], { as: 'vnc' });
  await program.waitUntil('socket', () => existsSync(socket));
  return { socket, stop: () => program.stop() };
}
