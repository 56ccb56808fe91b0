import { createClient, type OrielClient } from '../../controller/client/index.ts';
import { Oriel } from '#test/oriel';
import { readImage } from './facts.ts';

/** A controller of the bench's own. */
export interface Live {
  oriel: Oriel;
  origin: string;
  /** With the API key of this run. */
  client: OrielClient;
  /** What its machines boot. */
  image: string;
}

const INSTANCE = 'oribench';
/** An emulated machine takes its time. */
const START_LIMIT_MS = 300_000;

/**
 * Runs `work` with a controller on which no session is: the one that `up` starts has warmed page caches and code, and is
 * ended before. Ctrl-C, like every other end, takes everything down.
 */
export async function withOriel<T>(work: (live: Live) => Promise<T>, env: NodeJS.ProcessEnv = {}): Promise<T> {
  const oriel = new Oriel({ instance: INSTANCE, env: { ORIEL_LOG_LEVEL: 'info', ...env } });
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  try {
    return await Promise.race([start(oriel).then(work), interrupted]);
  } finally {
    await oriel.interrupt();
    oriel.removeFiles();
  }
}

async function start(oriel: Oriel): Promise<Live> {
  const { origin, sessionId, apiKey } = await oriel.start(START_LIMIT_MS);
  const client = createClient({ baseUrl: origin, token: apiKey });
  await client.stop(sessionId);
  return { oriel, origin, client, image: await readImage() };
}
