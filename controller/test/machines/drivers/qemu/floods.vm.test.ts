import { nightly } from '#test/long';
import { PACE } from '#test/pace';
import { withFakeQemu } from '#test/qemu-program';
import { assert, suite } from '#test/suite';
import { createQemuDriver } from '../../../../src/machines/drivers/qemu/driver.ts';
import { Qmp } from '../../../../src/machines/drivers/qemu/qmp.ts';
import { toVmPaths } from '../../../../src/machines/vm/paths.ts';
import { BEAT, harmsOnlyItself, watchFlood, type Flood, type Seen } from '../../flood.ts';
import { DISK_MIB, Stand, untilConsole, type Standing } from '../../stand.ts';

/* As in a container, under TCG: what the guest does is slow, what it takes of its host is what a fast one takes. */
const test = suite('qemu: floods', { timeoutMs: 90_000 });
const claim = nightly(test);
const stand = new Stand('orieflq', (options) => createQemuDriver({ ...options, accelerator: 'tcg' }));
let beside: Standing;

test.before(async () => {
  await stand.open();
  beside = await stand.start(BEAT);
  await untilConsole(beside, /^beat/m, 20_000 * PACE);
});
test.after(async () => {
  await stand.close();
});

/** A MiB that is not zeroes: those would take no place on the disk. */
const MIB = `
line=$(printf %01023d 7)
i=0; while [ $i -lt 1024 ]; do echo $line; i=$((i+1)); done >/run/mib
`;
const GIB: Flood = { script: 'exit', over: /^flooded$/ };

const FLOODS: (Flood & { title: string; proof: (seen: Seen) => void })[] = [
  {
    title: 'its console for six seconds, at the speed of an emulated serial port',
    script: `${MIB} while :; do cat /run/mib; done`,
    over: /^0*7$/,
    lastMs: 6_000,
    proof({ usage, lines }) {
      process.stdout.write(`${usage.shimReadMib.toFixed(1)} MiB came in six seconds\n`);
      assert.ok(usage.shimReadMib * 1024 > 2 * 128, `${usage.shimReadMib} MiB: more than its file may hold`);
      assert.ok(lines > 100, `${lines} lines were told meanwhile`);
    },
  },
  {
    title: 'processes without end',
    script: 'bomb() { while :; do bomb & done; }; (bomb) & while read -r a b c all d </proc/loadavg; do echo processes $all; done',
    over: /^processes \d+\/[3-9]\d\d$|[Cc]annot fork|Out of memory/,
    lastMs: 3_000,
    proof({ usage, console }) {
      assert.match(console, /^processes \d+\/\d{3,}$|[Cc]annot fork|Out of memory/m);
      assert.is(usage.refusedForks, 0, 'on the host it is QEMU’s threads, and no more');
    },
  },
  {
    title: 'its disk, up to its end',
    script: `${MIB} while cat /run/mib; do :; done >/dev/vdb; while :; do echo still here; sleep 1; done`,
    over: /^still here$/,
    proof({ usage, console }) {
      assert.match(console, /No space left on device/);
      assert.ok(usage.diskKib > DISK_MIB * 1000, `${usage.diskKib} KiB`);
    },
  },
  {
    title: 'memory without end',
    script: 'while :; do (x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done); echo one more; done',
    over: /^one more$/,
    lastMs: 1_000,
    proof({ usage, console }) {
      assert.match(console, /Out of memory: Killed process/);
      assert.ok(usage.memoryMib > 256, `${usage.memoryMib} MiB`);
      assert.is(usage.oomKills, 0, 'the host kills nobody: the guest does');
    },
  },
];
for (const { title, proof, ...flood } of FLOODS)
  claim(`${title}: limits are kept, the machine beside it goes on, a stop leaves nothing`, async () => {
    const seen = await watchFlood(stand, beside, flood);
    await harmsOnlyItself(seen, DISK_MIB);
    proof(seen);
  });

claim('1 GiB on the console, from a VMM that is fast: limits are kept, too', async () => {
  const seen = await withFakeQemu({ floodMib: 1024 }, () => watchFlood(stand, beside, GIB));
  await harmsOnlyItself(seen, DISK_MIB);
  assert.ok(seen.usage.shimReadMib >= 1024, `its shim has read ${seen.usage.shimReadMib} MiB`);
});

claim(
  'a host whose disk is full halts no machine: it sees errors and goes on',
  async () => {
    const script = `${MIB} while cat /run/mib; do :; done >/dev/vdb; while sleep 1; do echo still here; done`;
    const { flooder, console } = await watchFlood(stand, beside, {
      script,
      over: /still here|error/,
      lastMs: 3_000,
      limits: { roomMib: 16 },
    });
    const qmp = await Qmp.connect(toVmPaths(flooder.spec.runDir).qmp, AbortSignal.timeout(5_000));
    const { status } = (await qmp.execute('query-status')) as { status: string };
    qmp.close();
    await flooder.stop();
    assert.is(status, 'running', console);
    assert.match(console, /I\/O error.* dev vdb/, 'it was not told');
  },
  { timeoutMs: 40_000 },
);

test('nothing is left over', async () => {
  await beside.stop();
  assert.equal(await stand.close(), []);
});

test.run();
