import { assert, suite } from '#test/suite';
import { EventLines } from '../event-lines.ts';

const test = suite('event lines');

test('events are whole wherever the stream is cut, and comments are none', () => {
  const stream = ': still here\n\nevent: transition\nid: 7\ndata: {"a":"x: y"}\n\n: still here\n\nevent: end\ndata: {}\n\n';
  for (let cut = 0; cut <= stream.length; cut++) {
    const lines = new EventLines();
    assert.equal(
      [...lines.take(stream.slice(0, cut)), ...lines.take(stream.slice(cut))],
      [
        { name: 'transition', data: '{"a":"x: y"}', id: '7' },
        { name: 'end', data: '{}', id: undefined },
      ],
    );
  }
});

test.run();
