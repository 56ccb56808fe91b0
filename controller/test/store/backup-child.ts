/** Writes as fast as it can, as a controller under load, until its parent is gone or ends it; counts aloud. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';

const store = openStore(process.argv[2]!);
const base = { owner: 'product', userId: 'ann', provider: 'desktop', display: { width: 1280, height: 720 }, idempotencyKey: undefined };
process.on('disconnect', () => process.exit());
for (let count = 0; ; count += 1) {
  const id = `s-${count}`;
  store.sessions.insert({ ...base, id, at: new Date().toISOString() });
  store.sessions.saveConsole(id, 'x'.repeat(8000), new Date().toISOString());
  writeSync(1, `${count}\n`);
  if (count % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
