import { createRequire } from 'node:module';

/** The part of gstreamer-superficial that is used. Setting a property of an element sets it in the running pipeline. */
export interface Gstreamer {
  Pipeline: new (launch: string) => Pipeline;
}

export interface Pipeline {
  play(): void;
  stop(): void;
  findChild(name: string): Element;
  /** Asks the elements before `sink` for a key frame. */
  forceKeyUnit(sink: string, count: number): void;
}

export interface Element {
  [property: string]: unknown;
  /** Of an appsink: its next buffer, or null when the pipeline has stopped or failed. Holds one of libuv's threads until then. */
  pull(onBuffer: (buffer: Buffer | null) => void): void;
}

/** Loads the native addon that the image has beside the agent. Throws when it is not there. */
export function loadGstreamer(from: string): Gstreamer {
  return createRequire(from)('gstreamer-superficial') as Gstreamer;
}
