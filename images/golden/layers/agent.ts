import type { Layer } from '../layer.ts';

/**
 * Node, npm, our bundle and the GStreamer binding come from package-lock.json and guest/, not from Debian: see
 * images/src/overlay.ts.
 */
export const agent: Layer = { name: 'agent', packages: [] };
