import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { createAjv } from '#contract/ajv';
import type { Static, TSchema } from 'typebox';

/** A kind of thing that the image builder publishes: folders by the hash of what is in them, each with its manifest.json. */
export interface Kind {
  /** What messages call it. */
  what: string;
  /** What makes one. */
  recipe: string;
  Missing: new (message: string, options?: ErrorOptions) => Error;
}

/** Path of the folder of this name (`latest`, or a hash), and its manifest. Throws the kind's error. */
export async function readReleased<T extends TSchema>(kind: Kind, schema: T, dir: string, name: string) {
  const { what, recipe } = kind;
  const folder = await realpath(join(dir, name)).catch(missing(kind, `no ${what} ${name} in ${dir}: build one: ${recipe}`));
  return { folder, manifest: await readManifest(kind, schema, join(folder, 'manifest.json')) };
}

/** Path of a file that a manifest names, when it has the size that it should. Cheap: its content is not looked at. */
export async function findFile(kind: Kind, folder: string, id: string, { file, bytes }: { file: string; bytes: number }): Promise<string> {
  const path = join(folder, file);
  const { what, recipe, Missing } = kind;
  const { size } = await stat(path).catch(missing(kind, `${what} ${id}: ${path} is missing: build one: ${recipe}`));
  if (size !== bytes)
    throw new Missing(`${what} ${id}: ${path} has ${size} bytes, ${bytes} are needed: remove ${folder} and build one: ${recipe}`);
  return path;
}

async function readManifest<T extends TSchema>(kind: Kind, schema: T, path: string): Promise<Static<T>> {
  const { what, recipe, Missing } = kind;
  const value = parseJson(await readFile(path, 'utf8').catch(missing(kind, `${what} without ${path}: build one: ${recipe}`)));
  const isManifest = toCheck(schema);
  if (isManifest(value)) return value;
  const wrong = (isManifest.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`).join('; ');
  throw new Missing(`${path}: ${wrong}: build one: ${recipe}`);
}

/** Made once for each: to compile one takes ten milliseconds, and every session asks. */
function toCheck<T extends TSchema>(schema: T): ValidateFunction<Static<T>> {
  const check = CHECKS.get(schema) ?? createAjv().compile(schema);
  CHECKS.set(schema, check);
  return check as ValidateFunction<Static<T>>;
}

const CHECKS = new WeakMap<TSchema, ValidateFunction>();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing({ Missing }: Kind, message: string): (error: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw new Missing(message, { cause });
    throw cause;
  };
}
