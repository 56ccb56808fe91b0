import { open } from 'node:fs/promises';
import type { Job } from '#contract/sign-in';
import { keepSecret, readSecret } from '../config/secrets.ts';
import { toReason, type Log } from '../log.ts';
import { createBackOff } from './back-off.ts';
import { EndpointRefused, type Endpoint } from './endpoint.ts';

const WAIT_S = 25;
const TIMEOUT_MS = (WAIT_S + 10) * 1000;
/** An older controller, which knows of no jobs. */
const NOT_FOUND = 404;

export interface JobOptions {
  endpoint: Endpoint;
  secret: string;
  signal: AbortSignal;
  log: Log;
  paths: { job: string; jobPipe: string };
}

/**
 * What this machine is to do, which is known once it has a session: asked for until the controller tells, kept, and told to the service
 * auth where there is a sign-in in it.
 */
export async function followJob(options: JobOptions): Promise<void> {
  const { paths, log, signal } = options;
  const known = await readSecret(paths.job);
  const job = known === undefined ? await askForJob(options) : (JSON.parse(known) as Job);
  if (!job) return;
  if (known === undefined) {
    await keepSecret(paths.job, JSON.stringify(job));
    log.info({ provider: job.provider.id }, 'was told what to do');
  }
  if (job.provider.login) await poke(paths.jobPipe, signal);
}

async function askForJob({ endpoint, secret, signal, log }: JobOptions): Promise<Job | undefined> {
  const backOff = createBackOff();
  while (!signal.aborted) {
    try {
      const path = `/guest/job?wait=${WAIT_S}`;
      const job = await endpoint.call({ method: 'GET', path, bearer: secret, timeoutMs: TIMEOUT_MS, signal });
      if (job !== undefined) return job as Job;
      backOff.reset();
    } catch (error) {
      if (error instanceof EndpointRefused && error.status === NOT_FOUND) return undefined;
      if (!signal.aborted) log.debug({ reason: toReason(error) }, 'controller does not say what to do');
      await backOff.wait(signal);
    }
  }
  return undefined;
}

/** Open for as long as the agent lives: what is written waits in it for a reader. */
async function poke(path: string, signal: AbortSignal): Promise<void> {
  const pipe = await open(path, 'r+');
  signal.addEventListener('abort', () => void pipe.close(), { once: true });
  await pipe.write('\n');
  held.add(pipe);
}

const held = new Set<unknown>();
