import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toAuthSecret } from '#contract/auth-secret';
import { GUEST_NETWORK } from '#contract/network';
import type { Job } from '#contract/sign-in';
import { createEndpoint } from '../agent/controller/endpoint.ts';
import { createLog } from '../agent/log.ts';
import { PATHS } from '../agent/paths.ts';
import { toLine, toMessages, type FromLogin } from '../login/protocol.ts';
import { createDoor } from './controller.ts';
import { Tally } from '../websockify/tally.ts';
import { probeByProxy } from './reach.ts';
import { createAuthServer } from './server.ts';
import { SignIn } from './sign-in.ts';

/* Pipes from and to the login are stdin and descriptor 7: see the service's run script. */
const TO_LOGIN_FD = 7;

const log = createLog((line) => void process.stderr.write(line));
const stop = new AbortController();
const toLogin = createWriteStream('', { fd: TO_LOGIN_FD });
toLogin.on('error', () => process.exit(1));
process.once('SIGTERM', () => process.exit(0));

const endpoint = createEndpoint(GUEST_NETWORK.gateway, GUEST_NETWORK.guestEndpointPort);
const signIn = new SignIn({
  job: JSON.parse(readFileSync(PATHS.job, 'utf8')) as Job,
  door: createDoor(endpoint, readFileSync(PATHS.agentSecret, 'utf8'), stop.signal, log),
  order: (order) => void toLogin.write(toLine(order)),
  probe: probeByProxy,
  log,
});

const handle = toMessages<FromLogin>((news) => void signIn.handle(news));
process.stdin.setEncoding('utf8').on('data', (text) => handle(String(text)));
// The login has ended: the service is begun again, with both.
process.stdin.on('end', () => process.exit(1));

const secret = toAuthSecret(readFileSync(PATHS.vncSecret, 'utf8'));
const tally = new Tally(join(PATHS.refusals, 'auth'));
createAuthServer({
  secret,
  getState: () => signIn.state,
  restart: () => signIn.restart(),
  onRefused: (why) => tally.count(why),
}).listen(GUEST_NETWORK.authPort, '0.0.0.0');
await signIn.start();
