import { suite, assert } from '#test/suite';
import { OpenDoors } from '../../src/auth/open-doors.ts';
import { watchKeys } from '../../src/process/keys.ts';
import { API_KEY, eventually, FakeController } from '../fakes/controller.ts';

const test = suite('open doors');

test('what one has open closes, what another has stays; what has closed by itself is forgotten', () => {
  const doors = new OpenDoors();
  const closed: string[] = [];
  const gone = doors.opened('a', () => closed.push('gone'));
  doors.opened('a', () => closed.push('first'));
  doors.opened('a', () => closed.push('second'));
  doors.opened('b', () => closed.push('other'))();
  gone();
  assert.equal(doors.holders, ['a']);
  doors.close('a');
  assert.equal([closed, doors.holders], [['first', 'second'], []]);
});

test('what is opened a moment after it was revoked closes at once', () => {
  const doors = new OpenDoors();
  let isClosed = false;
  doors.close('a');
  doors.opened('a', () => (isClosed = true));
  assert.ok(isClosed);
});

test('a stream that a key opened ends when another process revokes the key; one of a good key goes on', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = watchKeys(fake.keys, fake.doors, 5);
  const open = async (token: string) => {
    const { body } = await fetch(`${origin}/api/events`, { headers: { authorization: `Bearer ${token}` } });
    const seen = { isOver: false };
    void body!.pipeTo(new WritableStream()).then(
      () => (seen.isOver = true),
      () => (seen.isOver = true),
    );
    return seen;
  };
  const [mine, good] = [await open(fake.addKey('host', ['operate'], { id: 'k-1' })), await open(API_KEY)];
  await eventually(() => fake.doors.holders.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.not.ok(mine.isOver);
  fake.store.keys.revoke(['k-1'], new Date().toISOString());
  await eventually(() => mine.isOver);
  assert.not.ok(good.isOver);
  stop();
  await app.close();
});

test.run();
