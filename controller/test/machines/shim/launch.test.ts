import { suite, assert } from '#test/suite';
import { planShim } from '../../../src/machines/shim/launch.ts';

const test = suite('shim: launch');
const spec = { machineId: 'm-aaaaaaaaaaaa', runDir: '/m', console: { path: '/m/console.log', maxBytes: 4096 } };

test('the shim keeps the console to its size, writes down the end, and has a runtime make the first process', () => {
  assert.equal(planShim(spec as Parameters<typeof planShim>[0], '/usr/bin/runtime', ['--root=/r', 'a word']), [
    'conmon',
    '--api-version=1',
    ...['--cid=m-aaaaaaaaaaaa', '--cuuid=m-aaaaaaaaaaaa', '--name=m-aaaaaaaaaaaa'],
    ...['--runtime=/usr/bin/runtime', '--runtime-arg=--root=/r', '--runtime-arg=a word'],
    ...['--bundle=/m/bundle', '--full-attach', '--container-pidfile=/m/bundle/pid', '--exit-dir=/m/exit'],
    ...['--log-path=k8s-file:/m/console.log', '--log-size-max=4096', '--log-level=warning'],
  ]);
});

test.run();
