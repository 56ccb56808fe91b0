import { assert, suite } from '#test/suite';
import { findUnreachable, toHostPort, type Probe } from '../../src/auth/reach.ts';

const test = suite('reach');
const probe: Probe = async (host) => (host.startsWith('up') ? undefined : 'refused');

test('one host that can be reached is enough, and none means nothing', async () => {
  assert.is(await findUnreachable(['down:443', 'up:443'], probe), undefined);
  assert.is(await findUnreachable([], probe), undefined);
  assert.is(await findUnreachable(['down:443'], probe), 'down:443 cannot be reached through the proxy: refused');
});

test('an address becomes host and port; what is no page becomes nothing', () => {
  assert.equal(['https://a.example/x?y', 'http://a.example:8090/', 'http://a.example', 'file:///etc/passwd', 'x'].map(toHostPort), [
    'a.example:443',
    'a.example:8090',
    'a.example:80',
    undefined,
    undefined,
  ]);
});

test.run();
