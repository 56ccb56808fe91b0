import { assert, suite } from '#test/suite';
import { ID_COUNT, toFirstHostId } from '../../../../src/machines/drivers/container/host-ids.ts';
import { MAX_SLOTS, toSlot } from '../../../../src/net/slot.ts';

const test = suite('container: ids of the host');

test('no two machines have an id in common, and none has one that a user, a service or a VMM has', () => {
  const slots = Array.from({ length: MAX_SLOTS }, (_, index) => toSlot('oriel', index));
  const firsts = slots.map(({ hostUser }) => toFirstHostId(hostUser));
  for (let index = 1; index < MAX_SLOTS; index++) assert.is(firsts[index]! - firsts[index - 1]!, ID_COUNT);
  assert.ok(firsts[0]! > slots.at(-1)!.hostUser);
  // An id of the host is 32 bits, and many programs take it for a signed number.
  assert.ok(firsts.at(-1)! + ID_COUNT < 2 ** 31);
});

test.run();
