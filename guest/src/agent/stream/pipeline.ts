import type { StreamSettings } from './encoder.ts';

/**
 * The pipeline in gst-launch's words. What each word is for, by measurement (one thread on two cores, see the numbers of bench/):
 * the constant bit rate's buffers are in ms; no key frame by itself, as one is 10 to 30 times a delta frame; `cpu-used` below zero is a
 * fixed speed; `max-intra-bitrate` keeps a key frame from being one long burst.
 */
export function toPipeline(display: string, { bitrateKbps, framerate }: StreamSettings): string {
  return [
    `ximagesrc display-name=${display} use-damage=0 show-pointer=false`,
    `capsfilter name=rate caps=${toRateCaps(framerate)}`,
    'videoconvert n-threads=1',
    // vp8enc takes other formats too, and would be given them where ximagesrc's caps allow it.
    'capsfilter caps=video/x-raw,format=I420',
    [
      'vp8enc name=encoder deadline=1 cpu-used=-16 threads=1 end-usage=cbr lag-in-frames=0',
      'keyframe-mode=disabled keyframe-max-dist=2000 error-resilient=default',
      'buffer-initial-size=100 buffer-optimal-size=120 buffer-size=150',
      'max-intra-bitrate=250 undershoot=25 overshoot=10 min-quantizer=4 max-quantizer=56 static-threshold=100',
      `target-bitrate=${bitrateKbps * 1000}`,
    ].join(' '),
    'appsink name=sink sync=false max-buffers=500 emit-signals=false',
  ].join(' ! ');
}

export function toRateCaps(framerate: number): string {
  return `video/x-raw,framerate=${framerate}/1`;
}
