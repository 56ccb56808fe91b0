import { suite, assert } from '#test/suite';
import { parseInterfaces, planRemoval } from '../../src/net/clone-network.ts';
import { toSlot } from '../../src/net/slot.ts';

const test = suite('net: clone network');

test("interfaces are read from /proc/net/dev, a long name's missing space included", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1104      12    0    0    0     0          0         0     1104      12    0    0    0     0       0          0
oriel-h999:123456 12    0    0    0     0          0         0     1104      12    0    0    0     0       0          0
`;
  assert.equal(parseInterfaces(text), ['lo', 'oriel-h999']);
});

test('what is there is deleted, the link by its name and namespaces by theirs', () => {
  const slot = toSlot('oriel', 7);
  assert.is(
    planRemoval(['oriel-h7', 'oriel-g7', 'oriel-r7'], slot),
    'link delete oriel-h7\nnetns delete oriel-g7\nnetns delete oriel-r7\n',
  );
  assert.is(planRemoval(['oriel-r7'], slot), 'netns delete oriel-r7\n');
  assert.is(planRemoval([], slot), '');
});

test.run();
