import { statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { run } from '../../src/host/run.ts';
import { readConsole, watchConsole } from '../../src/machines/console.ts';
import type { MachineSpec } from '../../src/machines/driver.ts';
import { createContainerDriver } from '../../src/machines/drivers/container/driver.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { toSlot } from '../../src/net/slot.ts';
import { countLines, openConsole, toLines } from '../fakes/console-reader.ts';
import { API_KEY, FakeController, log } from '../fakes/controller.ts';
import { makeTinyImage, toConfigArg } from '../machines/tiny-image.ts';

const test = suite('console of a real machine', { timeoutMs: 30_000 });
const LINES = 3_000;
const MAX_BYTES = 65_536;
/** Numbered lines at a pace at which a file that is begun anew is read before the next one is: a file a second, in all more than four. */
const COUNTING = `i=0; while [ $i -lt ${LINES} ]; do echo "line $i of many that fill the console"; i=$((i+1));
  [ $((i % 100)) -ne 0 ] || sleep 0.1; done; trap 'echo told to end; exit 0' TERM; echo counted; while :; do sleep 0.05; done`;

test.before(async () => void (await run(['ip', 'link', 'set', 'lo', 'up'])));

test('a follower misses no line while the file is begun anew, goes on where it was cut off, and sees the last words', async () => {
  await using fake = new FakeController({ ORIEL_INSTANCE: 'orielco' });
  const slot = toSlot(fake.config.instance, 0);
  const driver = createContainerDriver({ runDir: join(fake.dir, 'run'), instance: fake.config.instance, log });
  const image = await makeTinyImage(fake.dir);
  const start: typeof driver.start = (spec, ...when) => driver.start(toCounting(spec), ...when);
  Object.assign(fake.machinery, {
    driver: { ...driver, start },
    findImage: async () => image,
    readConsole,
    watchConsole,
    createCloneNetwork: () => createCloneNetwork(slot, { guestPorts: [] }),
    removeCloneNetwork: () => removeCloneNetwork(slot),
  });
  const app = await fake.app();
  try {
    const id = fake.start();
    const { consolePath } = fake.sessions.live(id);
    const all = await openConsole(app, id, API_KEY);
    const cut = await openConsole(app, id, API_KEY);
    const files = new Set<number>();
    await cut.until((events) => countLines(events).got > LINES / 3);
    cut.leave();
    await cut.ended;
    const cutAt = toLines(cut.events).length;
    const resumed = await openConsole(app, id, API_KEY, { 'last-event-id': cut.events.at(-1)!.id! });
    await all.until((events) => {
      files.add(statSync(consolePath).ino);
      return toLines(events).includes('counted');
    });
    assert.ok(files.size >= 3, `${files.size} files`);
    assert.ok(!(await readConsole(consolePath)).includes('line 0 '), 'the oldest lines are in no file any more');
    await fake.sessions.stop(id, 'test', { code: 'x', message: 'enough' });
    await Promise.all([all.ended, resumed.ended]);

    const said = [...Array.from({ length: LINES }, (_, index) => `line ${index} of many that fill the console`), 'counted', 'told to end'];
    assert.equal(toLines(all.events), said);
    assert.is(countLines(all.events).dropped, 0);
    assert.equal([...toLines(cut.events), ...toLines(resumed.events)], said);
    assert.is(toLines(resumed.events).length, said.length - cutAt);
    assert.equal(all.events.at(-1), { event: 'end', data: { status: 'stopped', reason: { code: 'x', message: 'enough' } } });
  } finally {
    await app.close();
    await fake.sessions.close();
    await driver.close();
  }
});

function toCounting(spec: MachineSpec): MachineSpec {
  return {
    ...spec,
    configArg: toConfigArg(COUNTING),
    limits: { memoryMib: 256, cpus: 1, pids: 64 },
    console: { ...spec.console, maxBytes: MAX_BYTES },
  };
}

test.run();
