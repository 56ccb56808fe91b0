import type { Layer } from '../layer.ts';

/** How every program learns the proxy that init wrote to /run/oriel/etc/environment: files only. */
export const proxy: Layer = { name: 'proxy', packages: [] };
