import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Lines that are neither empty nor comment, by folder below controller/src. */
export function countLines(): Record<string, number> {
  const lines: Record<string, number> = {};
  for (const path of globSync('controller/src/**/*.ts', { cwd: ROOT }).sort()) {
    const [, , folder] = path.split('/');
    const name = folder!.endsWith('.ts') ? '(root)' : folder!;
    lines[name] = (lines[name] ?? 0) + toCodeLines(readFileSync(join(ROOT, path), 'utf8'));
  }
  return lines;
}

/** A line inside a block comment begins with a star here, as prettier has it. */
export function toCodeLines(text: string): number {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line)).length;
}
