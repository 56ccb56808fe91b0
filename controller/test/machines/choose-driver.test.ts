import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import { toConfig } from '../../src/config.ts';
import type { DriverName } from '../../src/machines/driver.ts';
import { chooseDriver, createDrivers, HostUnfit, judgeKvm, type DriverHost } from '../../src/machines/choose-driver.ts';

const test = suite('machines: choice of a driver');

interface Facts {
  works?: boolean;
  /** What the host lacks, by driver. */
  missing?: Partial<Record<DriverName, readonly string[]>>;
}

let logged: Record<string, unknown>[];
const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
test.beforeEach(() => void (logged = []));

test('auto: the strongest that works at full speed', async () => {
  for (const [name, missing] of [
    ['firecracker', {}],
    ['qemu', { firecracker: ['firecracker: not here'] }],
  ] as const) {
    const driver = await choose({}, { works: true, missing });
    assert.equal([driver.name, driver.isolation, driver.pace], [name, 'virtual-machine', 1]);
  }
  assert.equal(warnings(), []);
});

test('auto: without KVM the container, and the log says why, and what that means', async () => {
  const { name } = await choose({}, { works: false });
  assert.is(name, 'container');
  assert.ok(logged.some(({ reason }) => reason === 'a reason'));
  assert.match(warnings().join(), /share the kernel of this host/);
});

test('auto: with KVM but without a program that it needs the container, and the log says what', async () => {
  const { name } = await choose(
    {},
    { works: true, missing: { firecracker: ['firecracker: not here'], qemu: ['setpriv: apt-get install util-linux'] } },
  );
  assert.is(name, 'container');
  assert.ok(logged.some(({ missing }) => String(missing) === 'setpriv: apt-get install util-linux'));
});

test('emulation is never chosen, only asked for; the log says what it means', async () => {
  assert.is((await choose({}, { works: false })).name, 'container');
  const { name, pace } = await choose({ ORIEL_DRIVER: 'qemu' }, { works: false });
  assert.is(name, 'qemu');
  assert.ok(pace > 1);
  assert.match(String(warnings().at(-1)), /processors are emulated/);
  assert.is((await choose({ ORIEL_DRIVER: 'qemu' }, { works: true })).pace, 1);
});

test('snapshots that a driver has not are warned of', async () => {
  const hasNone = () => warnings().some((words) => /ORIEL_SNAPSHOTS=1 changes nothing/.test(String(words)));
  await choose({ ORIEL_DRIVER: 'qemu', ORIEL_SNAPSHOTS: '1' }, { works: true });
  assert.not(hasNone());
  await choose({ ORIEL_DRIVER: 'container', ORIEL_SNAPSHOTS: '1' }, { works: true });
  assert.ok(hasNone());
});

for (const name of ['container', 'qemu', 'firecracker'] as const)
  test(`${name} asked for, on a host that lacks something: refused with all of it`, async () => {
    const missing = ['a: apt-get install a', 'b: modprobe b'];
    assert.is(
      await messageOf(choose({ ORIEL_DRIVER: name }, { works: true, missing: { [name]: missing } })),
      `this host cannot run the ${name} driver:\n  a: apt-get install a\n  b: modprobe b`,
    );
  });

for (const driver of ['auto', 'container'])
  test(`${driver}: a container serves nobody else, unless somebody said so`, async () => {
    const env = { ORIEL_DRIVER: driver, ORIEL_BIND: '0.0.0.0' };
    assert.is(
      await messageOf(choose(env, { works: false })),
      "this host cannot run the container driver:\n  a wall: its desktops share the host's kernel, so it serves loopback only and " +
        'ORIEL_BIND is 0.0.0.0; ORIEL_ALLOW_WEAK_ISOLATION=1 serves others all the same',
    );
    assert.is((await choose({ ...env, ORIEL_ALLOW_WEAK_ISOLATION: '1' }, { works: false })).name, 'container');
    const behind = { ORIEL_DRIVER: driver, ORIEL_TRUSTED_PROXIES: '127.0.0.1' };
    assert.match(
      await messageOf(choose(behind, { works: false })),
      /serves loopback only and ORIEL_TRUSTED_PROXIES says that a proxy brings others/,
    );
    assert.is((await choose({ ...behind, ORIEL_ALLOW_WEAK_ISOLATION: '1' }, { works: false })).name, 'container');
    for (const bind of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      assert.is((await choose({ ...env, ORIEL_BIND: bind }, { works: false })).name, 'container', bind);
    for (const bind of ['::', '10.0.0.1', 'desk.example', '127.example'])
      assert.match(await messageOf(choose({ ...env, ORIEL_BIND: bind }, { works: false })), `ORIEL_BIND is ${bind};`);
  });

test('a virtual machine serves everybody, emulated or not', async () => {
  for (const works of [true, false]) assert.is((await choose({ ORIEL_DRIVER: 'qemu', ORIEL_BIND: '0.0.0.0' }, { works })).name, 'qemu');
});

test('without a kernel or an image KVM cannot be tried, which is no reason to stop', async () => {
  const verdict = await judgeKvm(toConfig({ ORIEL_KERNEL_DIR: '/nowhere', ORIEL_RUN_DIR: '/nowhere/run' }));
  assert.equal(verdict, { works: false, why: 'it cannot be tried: no kernel latest in /nowhere: build one: just build-kernel' });
});

/** A host with neither kernel nor image: nothing can be tried there, whatever it has. */
const bare = { ORIEL_KERNEL_DIR: '/nowhere/kernels', ORIEL_IMAGE_DIR: '/nowhere/images', ORIEL_RUN_DIR: '/nowhere/run' };

test('each driver is made under its name, and asks nothing of the host for that', () => {
  const drivers = createDrivers(toConfig(bare), log);
  assert.equal(
    Object.entries(drivers).filter(([name, driver]) => driver.name !== name),
    [],
  );
  assert.equal(Object.keys(drivers).sort(), ['container', 'firecracker', 'qemu']);
});

test('virtual machines have a tap and a kernel of their own', () => {
  const { firecracker, qemu, container } = createDrivers(toConfig(bare), log, 'kvm');
  for (const { isolation, link, pace } of [firecracker, qemu]) assert.equal([isolation, link, pace], ['virtual-machine', 'tap', 1]);
  assert.equal([container.isolation, container.link], ['shared-kernel', 'interface']);
});

test('firecracker where KVM cannot be shown to work is refused, with what there is instead', async () => {
  const error = await chooseDriver(toConfig({ ...bare, ORIEL_DRIVER: 'firecracker' }), log).catch((reason: unknown) => reason);
  assert.instance(error, HostUnfit);
  const { message } = error as Error;
  assert.match(message, /^this host cannot run the firecracker driver:\n/);
  assert.match(message, /KVM, without which Firecracker is nothing \(it cannot be tried: .*\): .*ORIEL_DRIVER=qemu emulates it/);
});

function choose(env: Record<string, string>, facts: Facts) {
  return chooseDriver(toConfig(env), log, toHost(facts));
}

/** The real drivers, on a host of which these are the facts. */
function toHost({ works = false, missing = {} }: Facts): DriverHost {
  const judge = async () => ({ works, why: 'a reason' });
  return {
    judgeKvm: judge,
    createDrivers(...args) {
      const drivers = createDrivers(...args);
      for (const driver of Object.values(drivers)) {
        const lacks = [...(missing[driver.name] ?? [])];
        driver.check = async () => ({ ok: lacks.length === 0, missing: lacks });
      }
      return drivers;
    },
  };
}

function warnings(): unknown[] {
  return logged.filter(({ level }) => level === 40).map(({ msg }) => msg);
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  assert.instance(error, HostUnfit);
  return (error as Error).message;
}

test.run();
