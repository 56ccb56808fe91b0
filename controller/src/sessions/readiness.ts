import type { SERVICE_NAMES, ServiceState } from '#contract/guest';

/** What a desktop needs before someone looks at it. The message bus is not in it: nothing that one sees waits for it. */
export const NEEDED_SERVICES = [
  'xorg',
  'session',
  'x11vnc',
  'websockify',
  'agent',
] as const satisfies readonly (typeof SERVICE_NAMES)[number][];

export function isDesktopReady(services: readonly ServiceState[]): boolean {
  return NEEDED_SERVICES.every((name) => services.some((service) => service.name === name && service.state === 'ready'));
}
