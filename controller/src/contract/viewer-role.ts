/** What a viewer may do at a desktop: look, or use it as well. Each may what the one before it may. */
export const VIEWER_ROLES = ['view', 'control'] as const;
export type ViewerRole = (typeof VIEWER_ROLES)[number];
