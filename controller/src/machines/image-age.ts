import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const DAY_MS = 86_400_000;

/** How far an image's packages are behind. */
export interface ImageAge {
  id: string;
  /** Newest date of the signed package lists that it was made from, s since 1970: it has no security update from after that. */
  epoch: number;
}

/** Of the image of this name (`latest`, or a sha256); undefined when there is none, or when its manifest has no date. */
export async function readImageAge(imageDir: string, name: string): Promise<ImageAge | undefined> {
  const text = await readFile(join(imageDir, name, 'manifest.json'), 'utf8').catch(() => '{}');
  const { id, epoch } = parse(text);
  return typeof id === 'string' && Number.isInteger(epoch) ? { id, epoch: epoch as number } : undefined;
}

/** Whole days since its epoch. */
export function toAgeDays({ epoch }: Pick<ImageAge, 'epoch'>, nowMs = Date.now()): number {
  return Math.floor((nowMs - epoch * 1000) / DAY_MS);
}

function parse(text: string): { id?: unknown; epoch?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
