import { extname, join } from 'node:path';

/** A file that belongs to the controller, by its path from here: the same one in the sources and in the bundle (controller/build.ts). */
export function toOwnFile(path: string): string {
  return join(import.meta.dirname, path);
}

/** A program of the controller's, for Node: TypeScript in the sources, JavaScript in the bundle. */
export function toOwnProgram(path: string): string {
  return toOwnFile(`${path}${extname(import.meta.filename)}`);
}
