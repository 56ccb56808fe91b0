import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Ended, Host } from '../../host/host.ts';
import { toLayout, type Layout } from '../../host/layout.ts';

/** A host whose files are under a folder and whose systemd starts whatever release `current` leads to, healthy or not. */
export class FakeHost implements Host, Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'oriel-host-'));
  readonly layout: Layout = toLayout(this.root);
  readonly ran: string[] = [];
  readonly said: string[] = [];
  /** Ids of releases that do not become ready. */
  readonly unhealthy = new Set<string>();
  /** What answers instead of success, by the command's first words. */
  readonly fails = new Map<string, Partial<Ended>>();
  /** Id of the release whose controller runs. */
  running: string | undefined;
  isEnabled = false;

  run(argv: readonly string[]): Promise<Ended> {
    const line = argv.join(' ');
    this.ran.push(line.replace(this.root, ''));
    const found = [...this.fails].find(([words]) => line.replace(this.root, '').startsWith(words));
    if (found) return Promise.resolve({ code: 1, stdout: '', stderr: 'broken', ...found[1] });
    if (line === 'systemctl restart oriel') this.running = basename(readlinkSync(this.layout.current));
    if (line === 'systemctl enable oriel') this.isEnabled = true;
    if (line === 'systemctl disable --now oriel') [this.running, this.isEnabled] = [undefined, false];
    const stdout = line === 'systemctl --version' ? 'systemd 257 (257.9-1)\n' : line.startsWith('journalctl') ? 'its last words\n' : '';
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  }

  findUnready(origin: string, release: string): Promise<string> {
    if (this.running !== basename(release)) return Promise.resolve('it does not run');
    return Promise.resolve(this.unhealthy.has(this.running) ? `${origin}: image is missing` : '');
  }

  say(line: string): void {
    this.said.push(line);
  }

  /** A release on the host. */
  put(letter: string, image = letter, unit = `unit ${letter}`): string {
    const dir = join(this.layout.releases, letter.repeat(64));
    for (const [parent, id] of [
      ['images', image],
      ['kernels', 'k'],
    ] as const) {
      mkdirSync(join(dir, parent, id), { recursive: true });
      writeFileSync(join(dir, parent, id, 'file'), id);
    }
    mkdirSync(join(dir, 'infra/systemd'), { recursive: true });
    writeFileSync(join(dir, 'infra/systemd/oriel.service'), unit);
    writeFileSync(join(dir, 'release.json'), JSON.stringify({ image: { id: image }, kernel: { id: 'k' } }));
    return dir;
  }

  /** Everything that is on it, releases apart: path and content, or where a link leads. */
  census(dir = this.root): Record<string, string> {
    const found = readdirSync(dir, { withFileTypes: true }).flatMap((entry): [string, string][] => {
      const path = join(dir, entry.name);
      if (path === this.layout.releases) return [];
      if (entry.isDirectory()) return Object.entries(this.census(path));
      const what = entry.isSymbolicLink()
        ? `→ ${basename(readlinkSync(path))}`
        : `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'utf8')}`;
      return [[path.slice(this.root.length + 1), what]];
    });
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
