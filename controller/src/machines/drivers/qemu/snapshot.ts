import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { chown, constants, open, stat } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineRecord, MachineSnapshot } from '../../driver.ts';
import { connectSocket } from '../../vm/connect-socket.ts';
import { copyOut } from '../../vm/copy-out.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { Qmp, QmpFailed } from './qmp.ts';

/*
 * A machine's memory and devices as QEMU's own stream (that of migration), and its overlay's disk of the same moment. The stream goes
 * through this process: no VMM's user has a right to a file that another's can read.
 *
 *   save     stop ─► migrate ─► socket ─► state ─► copy of overlay.ext4 ─► cont
 *   restore  state ─► socket ─► migrate-incoming ─► it runs
 */
const STATE = 'state';
const OVERLAY = 'overlay.ext4';

/** Bytes a second: as fast as it goes. */
const UNLIMITED = 2 ** 40;
/** Most of a stream beside the guest's memory: devices and firmware. */
const BESIDE_MEMORY_BYTES = 64 * 2 ** 20;
const LOOK_MS = 10;
const CLOSED = ['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET'];

/** The file that a copy's overlay begins as. */
export function toOverlay({ dir }: MachineSnapshot): string {
  return join(dir, OVERLAY);
}

/** Writes a machine into `dir`; it stands still meanwhile. It goes on also when this fails. `stage`: where its QEMU sees its files. */
export async function saveMachine({ runDir }: MachineRecord, stage: string, dir: string, signal: AbortSignal): Promise<void> {
  const { qmp: monitor, files, overlay } = toVmPaths(runDir);
  const qmp = await Qmp.connect(monitor, signal);
  try {
    await qmp.execute('migrate-set-parameters', { 'max-bandwidth': UNLIMITED });
    await qmp.execute('stop');
    try {
      await receive(qmp, files, stage, join(dir, STATE), signal);
      await copyOut(overlay, join(dir, OVERLAY), { mode: 0o600 }, signal);
    } finally {
      await qmp.execute('cont');
    }
  } finally {
    qmp.close();
  }
}

/** Makes a QEMU that was started to wait for it the machine that was written down. Resolves when it runs. */
export async function restoreMachine(
  qmp: Qmp,
  runDir: string,
  stage: string,
  { dir }: MachineSnapshot,
  signal: AbortSignal,
): Promise<void> {
  await qmp.execute('migrate-incoming', { uri: toUri(stage) });
  const socket = await connectSocket(toVmPaths(runDir).state);
  await send(join(dir, STATE), socket, signal);
  // As it was when it was written down, which is: standing still.
  await until(signal, async () => ((await qmp.execute('query-status')) as { status: string }).status === 'paused');
  await qmp.execute('cont');
}

/** QEMU closes as soon as it has read what it needs, which may be before this end has. A state that is not whole ends it. */
async function send(path: string, socket: Socket, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), socket, { signal });
  } catch (error) {
    if (!CLOSED.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function receive(qmp: Qmp, files: string, stage: string, to: string, signal: AbortSignal): Promise<void> {
  // By the directory's descriptor, which is short: the name of a socket may have 107 bytes.
  await using folder = await open(files, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const path = `/proc/self/fd/${folder.fd}/state.sock`;
  const server = await listen(path);
  try {
    const { uid, gid } = await stat(files);
    await chown(path, uid, gid);
    const arrived = once(server, 'connection', { signal });
    arrived.catch(() => undefined);
    await qmp.execute('migrate', { uri: toUri(stage) });
    const [socket] = (await arrived) as [Socket];
    await pipeline(socket, toLimit(await readMemoryBytes(qmp)), createWriteStream(to, { flags: 'wx', mode: 0o600 }), { signal });
    await until(signal, () => isMigrated(qmp));
  } catch (error) {
    await qmp.execute('migrate_cancel').catch(() => undefined);
    throw error;
  } finally {
    server.close();
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  return server;
}

function toUri(stage: string): string {
  return `unix:${stage}/files/state.sock`;
}

async function readMemoryBytes(qmp: Qmp): Promise<number> {
  return ((await qmp.execute('query-memory-size-summary')) as { 'base-memory': number })['base-memory'];
}

/** A VMM that has gone wrong does not fill the host's disk. */
function toLimit(memoryBytes: number): Transform {
  let left = memoryBytes + BESIDE_MEMORY_BYTES;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(new QmpFailed('migrate: the machine’s state is bigger than its memory'));
      else done(null, chunk);
    },
  });
}

async function isMigrated(qmp: Qmp): Promise<boolean> {
  const { status, 'error-desc': why } = (await qmp.execute('query-migrate')) as { status?: string; 'error-desc'?: string };
  if (status === 'failed' || status === 'cancelled') throw new QmpFailed(`migrate: ${why ?? status}`);
  return status === 'completed';
}

async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(LOOK_MS, undefined, { signal });
}
