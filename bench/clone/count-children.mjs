import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

/* Loaded into the controller by `--import`: writes down each process that it starts, a JSON line each. */
const path = process.env.ORIEL_BENCH_CHILDREN;
if (path)
  subscribe('child_process', ({ process: child }) =>
    appendFileSync(path, `${JSON.stringify({ at: Date.now(), argv: child.spawnargs })}\n`),
  );
