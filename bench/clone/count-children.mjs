import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

/* Loaded into the controller by `--import`: writes down each process that it starts, a JSON line each. */
const path = process.env.ORIEL_BENCH_CHILDREN;
if (path)
  subscribe('child_process', ({ process: child }) => {
    const at = Date.now();
    // Told as it is made: it has no argv yet.
    setImmediate(() => appendFileSync(path, `${JSON.stringify({ at, argv: child.spawnargs ?? [] })}\n`));
  });
