import { constants, open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';

/** Opens the place and not what is behind it (open(2)); Node has no name for it. */
const O_PATH = 0o10000000;

/** Connects to a socket in a directory where a VMM's user can write: a link to another socket of the host's is not followed. */
export async function connectSocket(path: string): Promise<Socket> {
  await using file = await open(path, O_PATH | constants.O_NOFOLLOW);
  if (!(await file.stat()).isSocket()) throw new Error(`${path} is no socket`);
  const socket = connect(`/proc/self/fd/${file.fd}`);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}
