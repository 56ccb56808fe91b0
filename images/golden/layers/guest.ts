import type { Layer } from '../layer.ts';

/** init and the s6 services: files only. */
export const guest: Layer = { name: 'guest', packages: [] };
