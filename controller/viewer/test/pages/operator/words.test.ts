import { assert, suite } from '#test/suite';
import { toFacts } from '../../../pages/operator/host-view.ts';
import { toQualityFacts } from '../../../pages/operator/quality-words.ts';
import { toAge, toGib } from '../../../pages/operator/words.ts';

const test = suite('operator words');

test('ages and sizes have the unit that fits', () => {
  assert.equal([0, 59_000, 61_000, 7_200_000, 200_000_000].map(toAge), ['0 s', '59 s', '1 min', '2 h', '2 d']);
  assert.is(toAge(-5), '0 s');
  assert.equal([512, 1536, 24 * 1024].map(toGib), ['512 MiB', '1.5 GiB', '24 GiB']);
});

test('what of the picture is not known is not shown', () => {
  assert.equal(toQualityFacts({}), []);
  assert.equal(toQualityFacts({ viewer: { path: 'vnc', at: '' } }), [['Path', 'noVNC']]);
  assert.equal(
    toQualityFacts({
      viewer: { path: 'webrtc', fps: 29.97, at: '' },
      guest: { encoder: 'capture', fps: 30, kbps: 900, keyFrames: 1, linkKbps: 950, queueMs: 12, at: '' },
    }),
    [
      ['Path', 'WebRTC'],
      ['Decoded', '30 fps'],
      ['Encoded', '30 fps, 900 kbit/s, capture'],
      ['Key frames', '1'],
      ['Link carries', '950 kbit/s'],
      ['Waits on the way', '12 ms'],
    ],
  );
});

test('a host that is full, busy or without an image says so', () => {
  const host = {
    version: '1',
    instance: 'oriel',
    startedAt: '',
    driver: { name: 'container', isolation: '' },
    cpu: { cores: 2, load: [9, 0, 0] },
    memory: { totalMib: 1000, availableMib: 10 },
    disk: { totalMib: 1000, freeMib: 900 },
    slots: { used: 3, all: 3 },
    ready: true,
    checks: {},
  };
  const bad = toFacts(host).filter(([, , isBad]) => isBad);
  assert.equal(
    bad.map(([name]) => name),
    ['Slots', 'Load', 'Memory', 'Image'],
  );
});

test.run();
