import { suite, assert } from '#test/suite';
import { newMachineId, newPeerId, newSecret, newSessionId } from '../../src/sessions/ids.ts';

const test = suite('ids');

test('ids and secrets have the shape of the contract and do not repeat', () => {
  for (const [make, shape] of [
    [newSessionId, /^s-[a-z2-7]{20}$/],
    [newMachineId, /^m-[a-z2-7]{12}$/],
    [newPeerId, /^p-[a-z2-7]{12}$/],
    [newSecret, /^[A-Za-z0-9_-]{43}$/],
  ] as const) {
    const made = Array.from({ length: 200 }, make);
    for (const id of made) assert.match(id, shape);
    assert.is(new Set(made).size, 200);
  }
});

test.run();
