import { readFileSync } from 'node:fs';
import { toHash } from '../../../controller/src/auth/hash.ts';
import { openStore } from '../../../controller/src/store/store.ts';

/* Runs on the server: puts the API key that standard input has into the database that is named. */
const store = openStore(process.argv[2]!);
store.keys.insert({ id: 'test', name: 'test', hash: toHash(readFileSync(0, 'utf8')) }, new Date().toISOString());
store.close();
