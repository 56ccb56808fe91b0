import { INTERNET } from '#test/internet';
import { isLong, nightly } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { SlowDesk } from '#test/slow-desk';
import { assert, suite } from '#test/suite';
import { createCloneNetwork, removeCloneNetwork } from '../../controller/src/net/clone-network.ts';
import { Escape } from '../kit/escape/escape.ts';
import { makeForbidden } from '../kit/escape/test-internet.ts';

/*
 * The escape suite on a true virtual machine, whose processors are emulated. Its neighbour is only a network, with somebody who answers. Frames are
 * sent from behind its tap, where a machine that was broken out of would be.
 */
const SLOW = 8 * PACE;
const test = suite('escape from a virtual machine', { timeoutMs: 300_000 });
const claim = nightly(test);

const env = {
  ORIEL_DRIVER: process.env.ORIEL_TEST_VM_DRIVER ?? 'qemu',
  ORIEL_BIND: '0.0.0.0',
  ORIEL_PUBLIC_ADDRESSES: INTERNET.hostAddress,
};
const desk = new SlowDesk({ oriel: new Oriel({ env }), slow: SLOW });
// Its browser runs already. Its kernel has no IPv6: only frames have.
const without = ['the host, IPv6', 'the host, UDP over IPv6'];
const escape = new Escape(desk, { slow: SLOW, scanned: 64, openPage: (url) => `chromium ${url}`, without });

if (isLong) {
  test.before(async () => {
    await desk.start(makeForbidden);
    await createCloneNetwork(escape.other, { guestPorts: [6080], isPublic: true });
    const { machine } = await desk.read();
    await escape.start(machine!.machineId);
    await escape.standFor(escape.other);
  });
  test.after(async () => {
    await escape.forbidden[Symbol.asyncDispose]();
    await removeCloneNetwork(escape.other);
    await desk.stop();
  });
}

claim('nothing gets out of it by any of these ways', async () => {
  const { reached, met } = await escape.tryAll();
  assert.equal(reached, [], JSON.stringify(met));
  assert.ok(escape.titles.length > 150, `${escape.titles.length} ways`);
});

claim('with the walls off, each of these ways leads somewhere', async () => {
  const restore = escape.takeWallsDown();
  const { reached, met } = await escape.tryAll(true);
  restore();
  assert.equal(reached, escape.titles, JSON.stringify(met));
});

test.run();
