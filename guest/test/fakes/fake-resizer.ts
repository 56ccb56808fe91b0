import type { Size } from '../../src/agent/input/words.ts';

/** Writes down what it is told. */
export class FakeResizer {
  isFree = true;
  readonly told: string[] = [];

  wish(viewer: string, { width, height }: Size): void {
    this.told.push(`${viewer} wishes ${width}x${height}`);
  }

  use(viewer: string): void {
    this.told.push(`${viewer} uses`);
  }

  leave(viewer: string): void {
    this.told.push(`${viewer} leaves`);
  }
}
