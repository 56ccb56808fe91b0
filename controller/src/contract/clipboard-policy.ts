/** Which way a clipboard may go: `in` is from the page to the desktop, `out` from the desktop to the page. */
export const CLIPBOARD_POLICIES = ['both', 'in', 'out', 'off'] as const;
export type ClipboardPolicy = (typeof CLIPBOARD_POLICIES)[number];

export const allowsIn = (policy: ClipboardPolicy): boolean => policy === 'both' || policy === 'in';
export const allowsOut = (policy: ClipboardPolicy): boolean => policy === 'both' || policy === 'out';
