import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { createContainerDriver } from '../../../../src/machines/drivers/container/driver.ts';
import { BEAT, harmsOnlyItself, watchFlood, type Flood, type Seen } from '../../flood.ts';
import { LIMITS, Stand, untilConsole, type Standing } from '../../stand.ts';

/* Each machine floods what it can reach; measured on the host, with a machine beside it that has to go on as before. */
const test = suite('container: floods', { timeoutMs: 90_000 });
const stand = new Stand('orieflc', createContainerDriver);
let beside: Standing;

test.before(async () => {
  await stand.open();
  beside = await stand.start(BEAT);
  await untilConsole(beside, /^beat/m, 5_000 * PACE);
});
test.after(async () => {
  await stand.close();
});

/** 16 MiB of lines, then those 64 times: 1 GiB. */
const GIB_OF_LINES = `
line=$(printf %01023d 7)
i=0; while [ $i -lt 1024 ]; do echo $line; i=$((i+1)); done >/tmp/1
i=0; while [ $i -lt 16 ]; do cat /tmp/1; i=$((i+1)); done >/tmp/16
i=0; while [ $i -lt 64 ]; do cat /tmp/16; i=$((i+1)); done
echo; echo flooded; sleep 60`;
/** Processes that start processes, for ever. Its first one goes on. */
const FORK_BOMB = `bomb() { while :; do bomb & done; }; (bomb) & while :; do echo still here; sleep 0.2; done`;

const FLOODS: (Flood & { title: string; proof: (seen: Seen) => void })[] = [
  {
    title: '1 GiB on its console',
    script: GIB_OF_LINES,
    over: /^flooded$/,
    proof({ usage, lines }) {
      assert.ok(usage.shimReadMib >= 1024, `its shim has read ${usage.shimReadMib} MiB`);
      assert.ok(lines > 100, `${lines} lines were told meanwhile`);
      assert.is(usage.oomKills, 0, 'what it writes is not its memory');
    },
  },
  {
    title: 'processes without end',
    script: FORK_BOMB,
    over: /[Cc]annot fork/,
    lastMs: 2_000,
    proof({ usage, console }) {
      assert.ok(usage.processes > usage.processLimit * 0.9, `${usage.processes} at most`);
      assert.ok(usage.refusedForks > 100, `${usage.refusedForks} were refused`);
      assert.match(console, /[Cc]annot fork/);
    },
  },
  {
    title: 'a file that fills its disk',
    script: 'cat /dev/zero >/home/filled; while :; do echo still here; sleep 0.2; done',
    over: /^still here$/,
    proof({ usage, console }) {
      assert.match(console, /No space left on device/);
      assert.ok(usage.memoryMib > 128, `${usage.memoryMib} MiB: its disk is half of its memory`);
    },
  },
  {
    title: 'files without end, all empty',
    script: 'i=0; while :; do : >/home/$i; i=$((i+1)); done',
    over: /No space left on device/,
    limits: { memoryMib: 64 },
    proof({ usage }) {
      assert.ok(usage.oomKills > 0 && usage.memoryMib > 60, `${usage.memoryMib} MiB, ${usage.oomKills} killed`);
    },
  },
  {
    title: 'memory without end',
    script: 'while :; do (x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done); echo one more; done',
    over: /^one more$/,
    lastMs: 1_000,
    proof({ usage, console }) {
      assert.ok(usage.oomKills > 0 && usage.memoryMib > 250, `${usage.memoryMib} MiB, ${usage.oomKills} killed`);
      assert.match(console, /^Killed$/m);
    },
  },
];
for (const { title, proof, ...flood } of FLOODS)
  test(`${title}: limits are kept, the machine beside it goes on, a stop leaves nothing`, async () => {
    const seen = await watchFlood(stand, beside, flood);
    await harmsOnlyItself(seen);
    proof(seen);
  });

test('with wider limits the same measure sees more of each than they are elsewhere', async () => {
  const script = `i=0; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done
    dd if=/dev/zero of=/dev/shm/300 bs=1M count=300 2>/dev/null; tr '\\0' 7 </dev/zero | dd bs=1k count=1k iflag=fullblock; echo; echo flooded; wait`;
  const wide = { memoryMib: 512, pids: 512, consoleBytes: 64 << 20 };
  const { usage, flooder } = await watchFlood(stand, beside, { script, over: /^flooded$/, limits: wide });
  await flooder.stop();
  const isMore = [usage.memoryMib > LIMITS.memoryMib, usage.processes > LIMITS.pids, usage.consoleKib * 1024 > LIMITS.consoleBytes];
  assert.equal(isMore, [true, true, true], JSON.stringify(usage));
});

test('nothing is left over', async () => {
  await beside.stop();
  assert.equal(await stand.close(), []);
});

test.run();
