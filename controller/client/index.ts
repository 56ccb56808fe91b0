export type * from './types.ts';
export { createClient, type OrielClient } from './client.ts';
export { createViewerClient, type ClientOptions, type Region, type ViewerClient } from './viewer-client.ts';
export * from './error.ts';
