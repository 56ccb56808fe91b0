import type { KeptEgress } from '../egress/kept-egress.ts';
import type { ReadyReport } from '../routes/route-app.ts';
import type { Machinery } from '../sessions/machinery.ts';
import { NEEDED_MIB } from '../sessions/room.ts';
import type { Store } from '../store/store.ts';

export interface ReadinessDeps {
  store: Pick<Store, 'isWritable'>;
  machinery: Pick<Machinery, 'findImage'>;
  egress: Pick<KeptEgress, 'state'>;
  readFreeMib: () => number;
}

/** Says whether a session could start, and if not, why. */
export function readiness({ store, machinery, egress, readFreeMib }: ReadinessDeps): () => Promise<ReadyReport> {
  return async () => {
    const image = await machinery.findImage().then(
      () => 'ok',
      (error: Error) => error.message,
    );
    const checks = {
      store: store.isWritable() ? 'ok' : 'the database cannot be written',
      image,
      egress: egress.state,
      disk: toDiskState(readFreeMib()),
    };
    return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
  };
}

function toDiskState(freeMib: number): string {
  return freeMib >= NEEDED_MIB ? 'ok' : `${freeMib} MiB are free for the data directory, ${NEEDED_MIB} are needed`;
}
