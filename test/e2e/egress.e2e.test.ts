import type { Browser } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';

const test = suite('egress', { timeoutMs: 90_000 });

const oriel = new Oriel();
const target = new TargetServer();
let browser: Browser;

/** Run in the desktop's terminal as a person would start it: nothing is set by hand. Each program's own words are sent back. */
const PROGRAMS = `
say() { curl -s --data-binary @- "${target.url}/said/$1" >/dev/null; }
git ls-remote ${target.url}/git/repo.git 2>&1 | say git
npm view --fetch-retries=0 --registry ${target.url}/npm/ some-package 2>&1 | say npm
/usr/lib/apt/apt-helper download-file ${target.url}/apt/file /tmp/apt-file 2>&1 | say apt
node -e 'fetch("${target.url}/node").then((r) => console.log(r.status))' 2>&1 | say node
curl -s ${target.url}/curl 2>&1 | say curl
chromium --user-data-dir=/tmp/headless --headless=new --dump-dom ${target.url}/chromium 2>&1 | say chromium
env | say environment
for direct in localhost:6080 127.0.0.1:6080 192.168.100.2:6080; do curl -s -o /dev/null -w "%{http_code} %{remote_ip} $direct\\n" http://$direct/ ; done 2>&1 | say direct
echo done | say end
`;

/** How each program names itself to the server, and where it was sent. */
const EXPECTED = [
  ['curl', '/curl', /^curl\//],
  ['git', '/git/repo.git/info/refs', /^git\//],
  ['npm', '/npm/some-package', /^npm\//],
  ['apt', '/apt/file', /APT/],
  ["node's fetch", '/node', /^node$|undici/],
  ['Chromium', '/chromium', /Chrom/],
] as const;

test.before(async () => {
  makeInternet();
  target.page('/programs.sh', PROGRAMS, 'text/plain');
  target.page('/apt/file', 'a file\n', 'text/plain');
  await target.start();
  const { link } = await oriel.start();
  browser = await startBrowser();
  const viewer = await ViewerPage.open(browser, link);
  await takeTerminal(viewer, target);
  await viewer.type(`curl -s ${target.url}/programs.sh | bash\n`);
  await target.waitFor('the end of the programs', ({ path }) => path === '/said/end', 60_000 * PACE);
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
});

for (const [program, path, agent] of EXPECTED) {
  test(`${program} in the clone reaches a server through the proxy`, () => {
    const seen = target.received.find((received) => received.path.startsWith(path) && agent.test(received.userAgent));
    assert.ok(seen, `seen: ${target.received.map(({ path, userAgent }) => `${path} by ${userAgent}`).join('; ')}`);
    assert.not.match(seen!.from, /^100\.|^192\.168\./);
  });
}

test('localhost and the clone itself are reached without the proxy', () => {
  const { body } = target.received.find(({ path }) => path === '/said/direct')!;
  for (const host of ['localhost:6080', '127.0.0.1:6080', '192.168.100.2:6080']) {
    const line = body.split('\n').find((text) => text.endsWith(` ${host}`));
    assert.match(line ?? '', /^[1-5]\d\d (127\.0\.0\.1|192\.168\.100\.2) /, `${host}: ${line}`);
  }
  const environment = target.received.find(({ path }) => path === '/said/environment')!.body;
  assert.match(environment, /^no_proxy=localhost,127\.0\.0\.1,192\.168\.100\.0\/24(,|$)/m);
  assert.match(environment, /^NO_PROXY=localhost,127\.0\.0\.1,192\.168\.100\.0\/24(,|$)/m);
});

test.run();
