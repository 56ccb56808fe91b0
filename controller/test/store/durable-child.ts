/** Inserts sessions until it is killed; says the id of each once it is committed. `early` says it before, as a store must not. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';

const [path = '', run = '', mode = 'honest'] = process.argv.slice(2);
const store = openStore(path);
const base = { owner: 'product', userId: 'ann', provider: 'desktop', display: { width: 1280, height: 720 }, idempotencyKey: undefined };
for (let count = 0; ; count += 1) {
  const id = `s-${run}-${count}`;
  if (mode === 'early') writeSync(1, `${id}\n`);
  if (mode === 'early') await new Promise((resolve) => setTimeout(resolve, 20));
  store.sessions.insert({ ...base, id, at: new Date().toISOString() });
  store.sessions.move(id, { to: 'vm_creating', at: new Date().toISOString(), who: 'test' });
  if (mode === 'honest') writeSync(1, `${id}\n`);
}
