import { readFileSync } from 'node:fs';
import { toOwnFile } from '../own-file.ts';

/** Oriel's, as package.json has it. */
export const VERSION = (JSON.parse(readFileSync(toOwnFile('../../package.json'), 'utf8')) as { version: string }).version;
