import type { MachineConfig } from '#contract/machine-config';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { keepSecret, makeSecret, readSecret } from '../config/secrets.ts';
import { checkRoom } from '../desktop/room.ts';
import type { Log } from '../log.ts';
import { PATHS } from '../paths.ts';
import type { Endpoint } from './endpoint.ts';
import { sayHello } from './hello.ts';

export interface IntroduceOptions {
  config: MachineConfig;
  endpoint: Endpoint;
  signal: AbortSignal;
  log: Log;
}

/**
 * The agent's secret: from the controller for the one-time token, or from its earlier life, as a token is good once.
 * Makes websockify's secret first. Throws NoRoom, TokenRefused.
 */
export async function introduce({ config: { machineId, token }, endpoint, signal, log }: IntroduceOptions): Promise<string> {
  const vncSecret = (await readSecret(PATHS.vncSecret)) ?? makeSecret();
  await keepSecret(PATHS.vncSecret, vncSecret);
  const known = await readSecret(PATHS.agentSecret);
  if (known) return known;
  // In a later life it may be full of what somebody did on the desktop, who can clear it up.
  await checkRoom();
  const secret = await sayHello(endpoint, token, { protocol: PROTOCOL_VERSION, machineId, vncSecret }, signal, log);
  await keepSecret(PATHS.agentSecret, secret);
  return secret;
}
