import { setTimeout as sleep } from 'node:timers/promises';
import { waitForCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { isLong, nightly } from '#test/long';
import { killAgent, untilAgentIsSettled } from '#test/machine';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';
import { PEERS_MAX } from '../../controller/src/signal/mailbox.ts';

const test = suite('reconnect', { timeoutMs: 60_000 });

/** Time from the event to a picture whose counter goes on. */
const LIMIT_MS = 3_000 * PACE;
const TIMES = isLong ? 3 : 2;
const desk = new Desk();
let machineId = '';

test.before(async () => {
  await desk.start();
  machineId = await desk.machineId();
});
test.after(() => desk.stop());

/** What happens to a connection. */
const EVENTS: [what: string, act: () => Promise<void> | void, before?: () => Promise<void>][] = [
  ['a reload', () => void desk.viewer.page.reload().catch(() => undefined)],
  ["the end of the page's peer connection", () => desk.viewer.closePeerConnection()],
  ['kill -9 of the agent', () => killAgent(machineId), () => untilAgentIsSettled(machineId)],
];

for (const [what, act, before] of EVENTS)
  test(`the picture is back after ${what}`, async () => {
    const measured: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      await before?.();
      const { count } = await waitForCounter(desk.viewer);
      const since = performance.now();
      await act();
      const { ms } = await waitForCounter(desk.viewer, { above: count + 1, since });
      measured.push(ms);
      assert.is(await desk.viewer.transport(), 'webrtc');
    }
    report(what, measured);
  });

test('two tabs with the same link both show a picture that lives', async () => {
  const context = desk.viewer.page.context();
  const measured: number[] = [];
  const pictures = await desk.viewer.countPictures();
  for (let time = 0; time < TIMES; time++) {
    const since = performance.now();
    const second = await ViewerPage.goTo(context, desk.session.link);
    const { ms, count } = await waitForCounter(second, { since });
    measured.push(ms);
    // Neither may take the other's place, soon or by and by.
    for (let look = 0, above = count; look < 3; look++, await sleep(500))
      above = (await Promise.all([desk.viewer, second].map((page) => waitForCounter(page, { above })))).at(-1)!.count;
    assert.equal(await Promise.all([desk.viewer, second].map((page) => page.countPictures())), [pictures, 1]);
    await second.page.close();
  }
  report('a second tab', measured);
});

nightly(test)('a page that is looked at keeps its connection while many others come and go', async () => {
  const context = desk.viewer.page.context();
  const pictures = await desk.viewer.countPictures();
  let { count } = await waitForCounter(desk.viewer);
  for (let page = 0; page <= PEERS_MAX; page++) {
    const other = await ViewerPage.goTo(context, desk.session.link);
    await other.waitForPicture(LIMIT_MS);
    await other.page.close();
    ({ count } = await waitForCounter(desk.viewer, { above: count }));
  }
  assert.is(await desk.viewer.countPictures(), pictures);
});

test('it was one session on one machine all the time', async () => {
  const { status, machine, services } = await desk.readSession();
  assert.equal([status, machine?.machineId], ['vm_created', machineId]);
  assert.is(services.find(({ name }) => name === 'agent')?.restarts, TIMES, 'and the agent was killed indeed');
});

function report(what: string, measured: number[]): void {
  console.log(`${what}: ${measured.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);
  for (const ms of measured) assert.ok(ms <= LIMIT_MS, `back after ${Math.round(ms)} ms`);
}

test.run();
