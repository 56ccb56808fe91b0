import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PACE } from './pace.ts';
import type { TargetServer } from './target-server.ts';
import type { ViewerPage } from './viewer.ts';

/** Where text arrives on the desktop: a terminal, a text field of GTK 3, one of a page in Chromium. A line goes to the target server. */
export const FIELDS = ['terminal', 'gtk', 'chromium'] as const;
export type Field = (typeof FIELDS)[number];

const PLACES: Record<Field, { x: number; y: number }> = {
  terminal: { x: 300, y: 200 },
  gtk: { x: 800, y: 120 },
  chromium: { x: 300, y: 600 },
};

/** Opens the three beside each other, by a command in the terminal that has the keys. None may come to lie over another when it is clicked. */
export async function openFields(viewer: ViewerPage, target: TargetServer): Promise<void> {
  target.page('/field', PAGE);
  target.page('/gtk-field', compileGtkField(), 'application/octet-stream');
  target.page('/fields.sh', ARRANGE(target.url), 'text/plain');
  await viewer.type(`curl -s ${target.url}/fields.sh >/tmp/fields.sh; exec bash /tmp/fields.sh\n`);
  await target.waitFor('the three fields', ({ path }) => path === '/fields/open', 40_000 * PACE);
}

/** Gives a field the keys, and proves that it has them: the window manager moves the focus when it comes to it. */
export async function enterField(viewer: ViewerPage, target: TargetServer, field: Field): Promise<void> {
  const before = readLines(target, field).length;
  for (let tries = 1; ; tries++) {
    await viewer.click(PLACES[field].x, PLACES[field].y);
    await viewer.type('here\n');
    try {
      return void (await waitForLine(target, field, before, 2_000 * PACE));
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

/** The line that follows on so many. */
export async function waitForLine(target: TargetServer, field: Field, before: number, timeoutMs = 10_000 * PACE): Promise<string> {
  await target.waitFor(`a line in ${field}`, () => readLines(target, field).length > before, timeoutMs);
  return readLines(target, field)[before]!;
}

/** The lines that came to a field. */
export function readLines(target: TargetServer, field: Field): string[] {
  return target.received.filter(({ path }) => path === `/field/${field}`).map(({ body }) => body);
}

/** A page with one text field: what is entered is told to the server, and kept for who asks. */
export const PAGE = `<!doctype html><meta charset="utf-8"><title>page-field</title>
<style>html,body,input{margin:0;width:100%;height:100%;font-size:20px}</style><input autofocus autocomplete="off"><script>
const input = document.querySelector('input');
globalThis.lines = [];
input.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.isComposing) return;
  lines.push(input.value);
  if (location.protocol === 'http:') void fetch('/field/chromium', { method: 'POST', body: input.value });
  input.value = '';
});
</script>`;

function compileGtkField(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-gtk-field-'));
  const program = join(folder, 'gtk-field');
  execFileSync('cc', ['-O1', '-o', program, resolve(import.meta.dirname, 'gtk-field.c'), '-ldl']);
  const bytes = readFileSync(program);
  rmSync(folder, { recursive: true });
  return bytes;
}

const ARRANGE = (url: string) => `
tell() { while IFS= read -r line; do printf %s "$line" | curl -s --data-binary @- ${url}/field/$1; done; }
find() { xdotool search --sync --onlyvisible --name "^$1$" | head -1; }
place() {
  # A window that has just come up may take its own size once more.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    xdotool windowsize $1 $4 $5 windowmove $1 $2 $3; sleep 0.3
    eval $(xdotool getwindowgeometry --shell $1)
    [ $HEIGHT -le $6 ] && [ $Y -ge $3 ] && return
  done
}
terminal=$(xdotool search --class xfce4-terminal | tail -1)
curl -s ${url}/gtk-field >/tmp/gtk-field; chmod +x /tmp/gtk-field
/tmp/gtk-field | tell gtk &
chromium --user-data-dir=/tmp/field --no-first-run --window-position=20,420 --window-size=700,260 --app=${url}/field >/dev/null 2>&1 &
gtk=$(find gtk-field); page=$(find page-field)
place $gtk 700 80 400 60 120; place $page 20 420 700 260 300; place $terminal 20 20 640 320 360
for one in $gtk $page $terminal; do xdotool windowactivate --sync $one; done
clear; curl -s -d x ${url}/fields/open
tell terminal
`;
