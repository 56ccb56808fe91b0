import { assert, suite } from '#test/suite';
import { toPipeline, toRateCaps } from '../../../src/agent/stream/pipeline.ts';

const test = suite('pipeline');

test('the pipeline says exactly this', () => {
  assert.is(
    toPipeline(':0', { bitrateKbps: 4000, framerate: 60 }),
    'ximagesrc display-name=:0 use-damage=0 show-pointer=false ! capsfilter name=rate caps=video/x-raw,framerate=60/1 ! ' +
      'videoconvert n-threads=1 ! capsfilter caps=video/x-raw,format=I420 ! ' +
      'vp8enc name=encoder deadline=1 cpu-used=-16 threads=1 end-usage=cbr lag-in-frames=0 keyframe-mode=disabled keyframe-max-dist=2000 ' +
      'error-resilient=default buffer-initial-size=100 buffer-optimal-size=120 buffer-size=150 max-intra-bitrate=250 undershoot=25 overshoot=10 ' +
      'min-quantizer=4 max-quantizer=56 static-threshold=100 target-bitrate=4000000 ! ' +
      'appsink name=sink sync=false max-buffers=500 emit-signals=false',
  );
});

test('the frame rate is what ximagesrc is asked for', () => {
  assert.is(toRateCaps(30), 'video/x-raw,framerate=30/1');
});

test.run();
