import type { KeptEgress } from '../egress/kept-egress.ts';
import type { ReadyReport } from '../routes/route-app.ts';
import type { Machinery } from '../sessions/machinery.ts';
import { NEEDED_MIB } from '../sessions/room.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Store } from '../store/store.ts';

export interface ReadinessDeps {
  store: Pick<Store, 'isWritable'>;
  machinery: Pick<Machinery, 'findImage' | 'findKernel'> & { driver: Pick<Machinery['driver'], 'check' | 'isolation'> };
  egress: Pick<KeptEgress, 'state'>;
  sessions: Pick<Sessions, 'isClosing'>;
  readFreeMib: () => number;
  /** Why the operator wants no new sessions here. */
  findDrain?: () => string | undefined;
}

/** Looking at the host starts programs, and anybody may ask. */
const DRIVER_KEPT_MS = 15_000;
const DRIVER_LIMIT_MS = 5_000;

/** Says whether a session could start, and if not, why: every reason. A host that is full is ready: it says so at the start. */
export function readiness({ store, machinery, egress, sessions, readFreeMib, findDrain }: ReadinessDeps): () => Promise<ReadyReport> {
  const checkDriver = keepFor(DRIVER_KEPT_MS, async () => {
    const { missing } = await within(DRIVER_LIMIT_MS, machinery.driver.check());
    return missing.length === 0 ? 'ok' : missing.join('; ');
  });
  return async () => {
    const [driver, image, kernel] = await Promise.all([
      checkDriver(),
      toState(machinery.findImage()),
      machinery.driver.isolation === 'shared-kernel' ? 'ok' : toState(machinery.findKernel()),
    ]);
    const checks = {
      store: store.isWritable() ? 'ok' : 'the database cannot be written',
      driver,
      image,
      kernel,
      egress: egress.state,
      disk: toDiskState(readFreeMib),
      draining: sessions.isClosing ? 'the controller is going down' : (findDrain?.() ?? 'ok'),
    };
    return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
  };
}

function toState(looking: Promise<unknown>): Promise<string> {
  return looking.then(
    () => 'ok',
    (error: Error) => error.message,
  );
}

function toDiskState(readFreeMib: () => number): string {
  try {
    const freeMib = readFreeMib();
    return freeMib >= NEEDED_MIB ? 'ok' : `${freeMib} MiB are free for the data directory, ${NEEDED_MIB} are needed`;
  } catch (error) {
    return `the data directory cannot be looked at: ${(error as Error).message}`;
  }
}

/** What was found stands for `ms`; who asks while it is looked for gets the same. */
function keepFor(ms: number, look: () => Promise<string>): () => Promise<string> {
  let found: { at: number; state: Promise<string> } | undefined;
  return () => {
    const now = performance.now();
    if (!found || now - found.at > ms) found = { at: now, state: look().catch((error: Error) => error.message) };
    return found.state;
  };
}

async function within<T>(ms: number, act: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the driver did not say within ${ms / 1000} s what it lacks`)), ms);
  try {
    return await Promise.race([act, late]);
  } finally {
    clearTimeout(timer);
  }
}
