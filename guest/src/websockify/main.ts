import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GUEST_NETWORK } from '#contract/network';
import { PATHS } from '../agent/paths.ts';
import { createWebsockify } from './server.ts';
import { Tally } from './tally.ts';

/** s6's notification-fd of the service. */
const READY_FD = 3;

const tally = new Tally(join(PATHS.refusals, 'websockify'));
const server = createWebsockify({
  secret: readFileSync(PATHS.vncSecret, 'utf8'),
  vncSocket: '/run/oriel/vnc/socket',
  onRefused: (why) => tally.count(why),
});
server.listen(GUEST_NETWORK.websockifyPort, '0.0.0.0', () => {
  writeSync(READY_FD, '\n');
  closeSync(READY_FD);
});
process.once('SIGTERM', () => process.exit(0));
