import { assert, suite } from '#test/suite';
import { MAX_SLOTS, toSlot } from '../../src/net/slot.ts';

const test = suite('slot');

test('names, addresses and ports are functions of the slot', () => {
  assert.equal(toSlot('oriel', 0), {
    index: 0,
    routerNetns: 'oriel-r0',
    guestNetns: 'oriel-g0',
    hostInterface: 'oriel-h0',
    hostAddress: '100.96.0.1',
    routerAddress: '100.96.0.2',
    prefixLength: 30,
    hostUser: 0x7000_0000,
    media: { portMin: 20000, portMax: 20031 },
  });
  assert.is(toSlot('oriel', 64).hostAddress, '100.96.1.1');
});

test('no two slots share an address, a name or a port', () => {
  const slots = Array.from({ length: MAX_SLOTS }, (_, index) => toSlot('oriel', index));
  for (const field of ['routerNetns', 'guestNetns', 'hostInterface', 'hostAddress', 'routerAddress', 'hostUser'] as const)
    assert.is(new Set(slots.map((slot) => slot[field])).size, MAX_SLOTS);
  for (let index = 1; index < MAX_SLOTS; index++) assert.ok(slots[index]!.media.portMin > slots[index - 1]!.media.portMax);
});

test('the last slot stays below the ephemeral ports and within an interface name', () => {
  const last = toSlot('abcdefgh', MAX_SLOTS - 1);
  assert.ok(last.media.portMax <= 65535);
  assert.ok(last.hostInterface.length <= 15);
});

test('what is no slot is refused', () => {
  for (const index of [-1, 0.5, MAX_SLOTS]) assert.throws(() => toSlot('oriel', index), RangeError);
  for (const instance of ['', 'Oriel', '1a', 'toolongname', 'a-b']) assert.throws(() => toSlot(instance, 0), RangeError);
});

test.run();
