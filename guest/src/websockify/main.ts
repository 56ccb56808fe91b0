import { closeSync, readFileSync, writeSync } from 'node:fs';
import { GUEST_NETWORK } from '#contract/network';
import { createWebsockify } from './server.ts';

/** s6's notification-fd of the service. */
const READY_FD = 3;

const server = createWebsockify({
  secret: readFileSync('/run/oriel/private/vnc-secret', 'utf8'),
  vncSocket: '/run/oriel/vnc/socket',
});
server.listen(GUEST_NETWORK.websockifyPort, '0.0.0.0', () => {
  writeSync(READY_FD, '\n');
  closeSync(READY_FD);
});
process.once('SIGTERM', () => process.exit(0));
