import { readFileSync } from 'node:fs';
import { SCOPES } from '../../../controller/src/auth/access.ts';
import { toHash } from '../../../controller/src/auth/hash.ts';
import { openStore } from '../../../controller/src/store/store.ts';

/* Runs on the server: puts the API key that standard input has into the database that is named. */
const store = openStore(process.argv[2]!, undefined, 5_000);
store.keys.insert(
  { id: 'test', name: 'test', hash: toHash(readFileSync(0, 'utf8')), owner: 'local', scopes: SCOPES },
  new Date().toISOString(),
);
store.close();
