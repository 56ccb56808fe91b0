import { closeSync, writeSync } from 'node:fs';
import { MachineConfigInvalid } from '#contract/kernel-line';
import { GUEST_NETWORK } from '#contract/network';
import { Agent } from './agent.ts';
import { readConfig } from './config/read.ts';
import { createEndpoint } from './controller/endpoint.ts';
import { TokenRefused } from './controller/hello.ts';
import { startClock } from './desktop/clock.ts';
import { NoRoom, StreamUnavailable } from './errors.ts';
import { die } from './fatal.ts';
import { createLog } from './log.ts';
import { PATHS } from './paths.ts';

/** s6's notification-fd of the service. */
const READY_FD = 3;

/** This machine can never be used: starting the agent again would change nothing. */
const UNUSABLE = [MachineConfigInvalid, NoRoom, StreamUnavailable, TokenRefused];

const log = createLog();
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

try {
  const clock = await startClock(PATHS.booted);
  const config = await readConfig(PATHS.config);
  const endpoint = createEndpoint(GUEST_NETWORK.gateway, GUEST_NETWORK.guestEndpointPort);
  await new Agent({ config, clock, endpoint, log, signal: stop.signal, onReady: tellReady }).run();
} catch (error) {
  if (UNUSABLE.some((kind) => error instanceof kind)) die((error as Error).message);
  if (!stop.signal.aborted) throw error;
}

function tellReady(): void {
  writeSync(READY_FD, '\n');
  closeSync(READY_FD);
}
