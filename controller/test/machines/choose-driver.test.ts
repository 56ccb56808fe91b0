import { pino } from 'pino';
import { assert, suite } from '#test/suite';
import { toConfig } from '../../src/config.ts';
import { chooseDriver, createDrivers, HostUnfit } from '../../src/machines/choose-driver.ts';

const test = suite('choice of a driver');
const log = pino({ level: 'silent' });
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

test.run();
