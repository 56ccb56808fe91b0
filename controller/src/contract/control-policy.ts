/** Whose mouse and keyboard a desktop has, of viewers who may use it: everybody's at once, or one's at a time. */
export const CONTROL_POLICIES = ['shared', 'one'] as const;
export type ControlPolicy = (typeof CONTROL_POLICIES)[number];
