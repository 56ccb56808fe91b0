import { Counter, Histogram, type Registry } from 'prom-client';
import type { GuestQuality, ViewerQuality } from '#contract/quality';

export interface QualityMeter {
  viewer(sample: ViewerQuality): void;
  guest(sample: GuestQuality): void;
}

const FPS = [0, 1, 5, 10, 15, 20, 25, 30, 40, 50, 60];

/** How the pictures are, of all sessions together: each report of a viewer or guest is one observation. */
export function createQualityMeter(registers: Registry[]): QualityMeter {
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ name, help, buckets, registers });
  const reports = new Counter({
    name: 'oriel_viewer_reports_total',
    help: 'What pages told of their picture, by the path that it came',
    labelNames: ['path'],
    registers,
  });
  for (const path of ['webrtc', 'vnc']) reports.inc({ path }, 0);
  const fps = histogram('oriel_viewer_fps', 'Frames a second that a page decoded', FPS);
  const decode = histogram('oriel_viewer_decode_seconds', 'Mean time to decode a frame', [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064]);
  const trip = histogram(
    'oriel_viewer_round_trip_seconds',
    'Round trip from page to guest',
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  );
  const loss = histogram(
    'oriel_viewer_packet_loss_ratio',
    'Packets that were lost on the way to the page, of all',
    [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  );
  const jitter = histogram(
    'oriel_viewer_jitter_seconds',
    'How unevenly packets came to a page',
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
  );
  const answer = histogram(
    'oriel_viewer_answer_seconds',
    'From a click or key in a page to the picture that answers it, median of its last ones',
    [0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1],
  );
  const dropped = new Counter({
    name: 'oriel_viewer_frames_dropped_total',
    help: 'Frames that came to a page and were not shown',
    registers,
  });
  const encode = histogram('oriel_guest_encode_fps', 'Frames a second that a guest encoded while somebody watched', FPS);
  const bytes = histogram(
    'oriel_guest_encode_bytes_per_second',
    'Video that a guest encoded',
    [0, 1e4, 3e4, 6e4, 1.25e5, 2.5e5, 5e5, 1e6, 2e6],
  );
  const work = histogram(
    'oriel_guest_encode_seconds',
    'Mean time to grab and encode a frame',
    [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064],
  );
  const link = histogram(
    'oriel_guest_link_bytes_per_second',
    'What the slowest link of a guest’s viewers was thought to carry',
    [1.25e4, 3e4, 6e4, 1.25e5, 2.5e5, 5e5, 1e6, 2e6],
  );
  const queue = histogram(
    'oriel_guest_queue_seconds',
    'How long packets waited on the way to a guest’s viewers, the longest',
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.3, 1],
  );
  const keys = new Counter({ name: 'oriel_guest_key_frames_total', help: 'Key frames that guests encoded', registers });
  return {
    viewer(sample) {
      reports.inc({ path: sample.path });
      if (sample.fps !== undefined) fps.observe(sample.fps);
      if (sample.decodeMs !== undefined) decode.observe(sample.decodeMs / 1000);
      if (sample.rttMs !== undefined) trip.observe(sample.rttMs / 1000);
      if (sample.lossPercent !== undefined) loss.observe(sample.lossPercent / 100);
      if (sample.jitterMs !== undefined) jitter.observe(sample.jitterMs / 1000);
      if (sample.answerMs !== undefined) answer.observe(sample.answerMs / 1000);
      dropped.inc(sample.framesDropped ?? 0);
    },
    guest(sample) {
      encode.observe(sample.fps);
      bytes.observe(sample.kbps * 125);
      keys.inc(sample.keyFrames);
      if (sample.encodeMs !== undefined) work.observe(sample.encodeMs / 1000);
      if (sample.linkKbps !== undefined) link.observe(sample.linkKbps * 125);
      if (sample.queueMs !== undefined) queue.observe(sample.queueMs / 1000);
    },
  };
}
