import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assert, suite } from '#test/suite';
import { buildViewer } from '../build.ts';

const test = suite('size of the viewer');
const LIMIT_BYTES = 120 * 1024;

test('the element is at most 120 KiB, packed, and noVNC is not in it but loaded when it is needed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-viewer-'));
  try {
    await buildViewer(dir);
    const first = collect(join(dir, 'oriel-desktop.js'), /(?:from|import)\s*"(\.[^"]+)"/g);
    const all = collect(join(dir, 'oriel-desktop.js'), /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
    const size = (files: Set<string>) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
    assert.ok(size(first) <= LIMIT_BYTES, `${size(first)} bytes`);
    assert.ok(size(first) > 10_000, 'the whole of it was found');
    assert.ok(
      [...all].some((file) => /rfb/.test(file)) && ![...first].some((file) => /rfb/.test(file)),
      `at first: ${[...first].join(', ')}`,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** A script and all that it imports by these words. */
function collect(file: string, imports: RegExp, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(imports)) collect(join(dirname(file), path!), imports, found);
  return found;
}

test.run();
