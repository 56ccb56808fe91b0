import { setGlobalProxyFromEnv } from 'node:http';
import { makeServerDebs } from './debs.ts';
import { makeServerImage, SERVERS, type ServerKind } from './image.ts';

/* Makes the disk of a throw-away server, and a mirror of packages for it: `make.ts KIND`, before tests that boot it. */
const kind = process.argv[2] ?? '';
if (!Object.hasOwn(SERVERS, kind)) throw new Error(`${kind || '(none)'}: the kind of server is one of ${Object.keys(SERVERS).join(', ')}`);
setGlobalProxyFromEnv();
console.log((await makeServerImage(kind as ServerKind)).disk);
console.log(await makeServerDebs(kind as ServerKind));
