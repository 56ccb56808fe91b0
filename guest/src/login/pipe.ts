import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';

/** A named pipe that is read for as long as this process lives: nothing of what goes through it is on a disk. */
export async function openPipe(path: string, onText: (text: string) => void): Promise<() => void> {
  await rm(path, { force: true });
  execFileSync('mkfifo', ['-m', '600', path]);
  // For writing, too: else it would end when the first writer does.
  const socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
  socket.setEncoding('utf8').on('data', (text) => onText(String(text)));
  socket.on('error', () => undefined);
  return () => socket.destroy();
}
