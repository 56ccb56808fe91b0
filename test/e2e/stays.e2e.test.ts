import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBrowser } from '#test/browser';
import { waitForCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { HOME, makeHome } from '#test/home';
import { INTERNET } from '#test/internet';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/* A user whose network changes and whose machine sleeps: the picture goes on in the page as it is. */
const test = suite('a picture that stays', { timeoutMs: 120_000 });

const { hostAddress } = INTERNET;
/** Time to a picture whose counter goes on. */
const LIMIT_MS = 6_000 * PACE;
const SLEEP_MS = 30_000;
const VIEWERS = 4;
const desk = new Desk({
  env: { ORIEL_BIND: hostAddress, ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: hostAddress },
  openBrowser: () => startBrowser({ netns: HOME.netns }),
});

test.before(async () => {
  await desk.start(makeHome);
  await desk.viewer.page.evaluate(() => Object.assign(globalThis, { isFirstPage: true }));
});
test.after(() => desk.stop());

for (const [address, before] of [
  ['192.168.178.21', '192.168.178.20'],
  ['192.168.178.22', '192.168.178.21'],
] as const)
  test(`the user's machine gets another address (${address}): the picture goes on, in the page as it is`, async () => {
    const { count } = await waitForCounter(desk.viewer);
    const since = performance.now();
    readdress(before, address);
    const { ms } = await waitForCounter(desk.viewer, { above: count + 1, since, timeoutMs: 30_000 });
    report('another address', ms);
    console.log(`    on the same connection: ${await readRestarts()} times so far`);
    await desk.typeCommand();
    assert.is(await isFirstPage(), true);
  });

test('the picture is back after the user’s machine has slept for half a minute', async () => {
  const { count } = await waitForCounter(desk.viewer);
  const sleepers = listOfBrowser();
  assert.ok(sleepers.length > 2, 'the processes of a browser');
  for (const pid of sleepers) process.kill(pid, 'SIGSTOP');
  await sleep(SLEEP_MS);
  const since = performance.now();
  for (const pid of sleepers) process.kill(pid, 'SIGCONT');
  const { ms } = await waitForCounter(desk.viewer, { above: count + SLEEP_MS / 200, since, timeoutMs: 30_000 });
  report('after sleep', ms);
  await desk.typeCommand();
  assert.is(await isFirstPage(), true);
});

test('four viewers see the desktop by one encoder; one who comes late has a picture at once, and costs one key frame', async () => {
  const context = desk.viewer.page.context();
  const others: ViewerPage[] = [];
  for (let number = 2; number <= VIEWERS; number++) {
    const since = performance.now();
    const viewer = await ViewerPage.goTo(context, desk.session.link);
    const { ms } = await waitForCounter(viewer, { since });
    report(`viewer ${number}`, ms);
    others.push(viewer);
  }
  const all = [desk.viewer, ...others];
  for (let look = 0, above = -1; look < 5; look++) {
    const counts = await Promise.all(all.map((viewer) => waitForCounter(viewer, { above })));
    above = Math.min(...counts.map(({ count }) => count));
  }
  for (const viewer of others) await viewer.page.close();
});

test.run();

function readdress(from: string, to: string): void {
  const input = [`address del ${from}/24 dev eth0`, `address add ${to}/24 dev eth0`, 'route add default via 192.168.178.1', ''].join('\n');
  execFileSync('ip', ['-n', HOME.netns, '-batch', '-'], { input });
}

async function readRestarts(): Promise<number> {
  return (await desk.viewer.element()).evaluate(({ stats }) => stats.restarts);
}

async function isFirstPage(): Promise<boolean> {
  return desk.viewer.page.evaluate(() => 'isFirstPage' in globalThis);
}

/** This process's own browser: what descends from this process and is no desktop. */
function listOfBrowser(): number[] {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    try {
      parents.set(pid, Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]));
      names.set(pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    } catch {
      // It ended meanwhile.
    }
  }
  const roots = [...parents].filter(([pid, parent]) => parent === process.pid && /chrom/.test(names.get(pid)!)).map(([pid]) => pid);
  const found = new Set(roots);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function report(what: string, ms: number): void {
  console.log(`${what}: ${Math.round(ms)} ms`);
  assert.ok(ms <= LIMIT_MS, `${what}: ${Math.round(ms)} ms, at most ${LIMIT_MS} ms`);
}
