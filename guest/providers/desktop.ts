import type { Provider } from '#contract/provider';

/** A desktop and nothing else. */
export const desktop: Provider = { id: 'desktop', name: 'Desktop', credentials: [], hosts: [] };
