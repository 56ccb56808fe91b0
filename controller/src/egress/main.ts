import { pino } from 'pino';
import { boundLog } from '../host/bounded-log.ts';
import { openLogDestination } from '../host/log-destination.ts';
import { createControlServer } from './control-server.ts';
import { createSurroundings } from './surroundings.ts';

/*
 * The egress process. It starts as root, from wherever the controller lives, and reads all its code before it lets go of
 * root for good: nothing here may be imported later.
 *
 *   ORIEL_EGRESS_SOCKET              its control socket
 *   ORIEL_EGRESS_UID, …_GID          who it becomes (65534, nobody, unless told)
 */
const NOBODY = '65534';
const { ORIEL_EGRESS_SOCKET: socketPath, ORIEL_EGRESS_UID: uid = NOBODY, ORIEL_EGRESS_GID: gid = NOBODY } = process.env;

/** A clone can have a line written for each request that fails. */
const LOG_BYTES = 8 * 1024 * 1024;

const destination = openLogDestination(1);
boundLog(destination, 1, LOG_BYTES);
const log = pino({ name: 'egress', base: null }, destination);
const server = createControlServer(createSurroundings(), log, () => process.exit(0));

process.title = 'oriel-egress';
process.chdir('/');
// It ends when it is told to, not with the terminal or the controller that started it.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => process.exit(0));

if (!socketPath) throw new Error('ORIEL_EGRESS_SOCKET is not set');
process.umask(0o177);
server.listen(socketPath, () => {
  dropRoot(Number(uid), Number(gid));
  log.info({ pid: process.pid, uid: process.getuid!() }, 'egress process ready');
});

function dropRoot(uid: number, gid: number): void {
  process.setgroups!([]);
  process.setgid!(gid);
  process.setuid!(uid);
  if (process.getuid!() === 0 || process.getgid!() === 0) throw new Error('still root');
}
