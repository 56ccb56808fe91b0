/**
 * Moments between a change of the host and the record of it, in the order of a session's life. A test that ends the controller at
 * each of them proves that none is special.
 */
export const FAULT_POINTS = [
  'session inserted',
  'machine recorded',
  'network begun',
  'network made',
  'guest endpoint opened',
  'egress opened',
  'run directory made',
  'machine begun',
  'machine running',
  'process recorded',
  'machine started',
  'machine ending',
  'machine gone',
  'phase started',
  'phase ended',
  'hello accepted',
  'guest reported',
  'status moved',
  'undo console',
  'undo machine',
  'undo egress',
  'undo guest endpoint',
  'undo network',
  'undo run directory',
  'undo record',
  'undone machine',
  'undone network',
  'undone run directory',
  'undone record',
  'recovery begun',
  'session adopted',
  'begun again',
  'left-over machine ended',
  'left-over removed',
  'recovery done',
  // Where there is a warm pool.
  'warm machine ready',
  'warm machine claimed',
  'warm machine adopted',
  'warm machine ending',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

let listener: ((point: string) => void) | undefined;

/** Says that this moment is reached: nothing, but in a test. */
export function at(point: FaultPoint | `undo ${string}` | `undone ${string}` | `machine ${string}`): void {
  listener?.(point);
}

/** For tests: `onPoint` is called at each moment that has a name. */
export function listenToFaultPoints(onPoint: ((point: string) => void) | undefined): void {
  listener = onPoint;
}
