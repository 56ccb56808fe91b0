import { assert, suite } from '#test/suite';
import { fromKernelArgs, MachineConfigInvalid, toKernelArg } from '#contract/kernel-line';
import type { MachineConfig } from '#contract/machine-config';

const test = suite('kernel line');

const config: MachineConfig = {
  protocol: 1,
  machineId: 'm-abcdefghijk2',
  hostname: 'desk',
  token: 'T'.repeat(43),
  display: { width: 1280, height: 720 },
  media: { portMin: 20000, portMax: 20031, bitrateKbps: 4000, framerate: 30 },
};

/** Writes any JSON as a config word, past the checks of toKernelArg. */
const word = (value: unknown) => `oriel.config=${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

test('the guest reads back what the controller wrote', () => {
  assert.equal(fromKernelArgs(`console=ttyS0 quiet ${toKernelArg(config)} panic=-1`), config);
});

test('the word holds nothing that ends a kernel word', () => {
  assert.match(toKernelArg(config), /^oriel\.config=[A-Za-z0-9_-]+$/);
});

for (const [what, value, field] of [
  ['a missing field', { ...config, token: undefined }, 'token'],
  ['an unknown field', { ...config, extra: 1 }, 'extra'],
  ['a wrong type', { ...config, media: { ...config.media, portMin: '1' } }, '/media/portMin'],
  ['a number out of range', { ...config, display: { width: 1, height: 720 } }, '/display/width'],
] as const) {
  test(`${what} is refused by name`, () => {
    assert.throws(
      () => fromKernelArgs(word(value)),
      (error: Error) => error instanceof MachineConfigInvalid && error.message.includes(field),
    );
  });
}

test('every wrong field is told at once', () => {
  const wrong = word({ ...config, hostname: '-', display: { width: 1, height: 1 } });
  assert.throws(
    () => fromKernelArgs(wrong),
    (error: Error) => ['/hostname', '/display/width', '/display/height'].every((field) => error.message.includes(field)),
  );
});

test('a wrong value is not repeated in the error', () => {
  assert.throws(
    () => fromKernelArgs(word({ ...config, token: 'SECRET!' })),
    (error: Error) => error.message.includes('/token') && !error.message.includes('SECRET'),
  );
});

test('no word and two words are refused', () => {
  assert.throws(() => fromKernelArgs('quiet'), /0 words/);
  assert.throws(() => fromKernelArgs(`${toKernelArg(config)} ${toKernelArg(config)}`), /2 words/);
});

test('text that is no JSON is refused', () => {
  assert.throws(() => fromKernelArgs('oriel.config=%%%'), /not JSON/);
});

test.run();
