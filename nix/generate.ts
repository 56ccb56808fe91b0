/*
 * Writes what the flake reads of the rest of Oriel: nix/options.json, the controller's variables as the NixOS module takes them, and
 * nix/npm.json, the hash of node_modules. Wants `nix` on the path for the second.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Environment } from '../controller/src/environment.ts';

const ROOT = join(import.meta.dirname, '..');
/** Notes of npm's and of ours; no packages. */
const NOTES = ['.cache', '.oriel-lock', '.package-lock.json'];

/** Text of nix/options.json. Defaults are left to the controller: some are of the host that it runs on. */
export function toOptions(): string {
  const options = Object.entries(Environment.properties).map(([name, schema]) => {
    const { type, description, enum: values, minimum, maximum } = schema as unknown as Record<string, unknown>;
    return [name, { type, description, ...(values !== undefined && { enum: values }), ...(minimum !== undefined && { minimum, maximum }) }];
  });
  return `${JSON.stringify(Object.fromEntries(options), null, 2)}\n`;
}

/** Text of nix/npm.json, of the packages that are installed. */
export function toNpmHash(): string {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  // Beside them: links cost nothing there.
  const dir = mkdtempSync(join(cache, 'nix-'));
  try {
    const names = readdirSync(join(ROOT, 'node_modules')).filter((name) => !NOTES.includes(name));
    execFileSync('cp', ['--archive', '--link', ...names.map((name) => join(ROOT, 'node_modules', name)), dir]);
    const hash = execFileSync('nix', ['--extra-experimental-features', 'nix-command', 'hash', 'path', dir], { encoding: 'utf8' }).trim();
    return `${JSON.stringify({ hash }, null, 2)}\n`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'options.json'), toOptions());
  writeFileSync(join(import.meta.dirname, 'npm.json'), toNpmHash());
}
