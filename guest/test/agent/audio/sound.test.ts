import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import type { Capture, CaptureEvents } from '../../../src/agent/audio/sound-capture.ts';
import { Sound } from '../../../src/agent/audio/sound.ts';
import type { SoundPacket } from '../../../src/agent/audio/sound-time.ts';

const test = suite('sound for those who listen');

class FakeCapture implements Capture {
  readonly done: string[] = [];
  readonly events: CaptureEvents;

  constructor(events: CaptureEvents) {
    this.events = events;
  }

  start(): void {
    this.done.push('start');
  }

  stop(): void {
    this.done.push('stop');
  }
}

function start() {
  let capture!: FakeCapture;
  const reasons: string[] = [];
  const createCapture = (events: CaptureEvents) => (capture = new FakeCapture(events));
  const sound = new Sound({ createCapture, onFailure: (reason) => reasons.push(reason), retryMs: 1 });
  const listen = () => {
    const got: SoundPacket[] = [];
    return { got, sendSound: (packet: SoundPacket) => void got.push(packet) };
  };
  return { sound, capture, reasons, listen };
}

test('the capture runs from the first listener to the last, and not before or after', () => {
  const { sound, capture, listen } = start();
  const [one, two] = [listen(), listen()];
  assert.equal(capture.done, []);
  sound.join(one);
  sound.join(one);
  sound.join(two);
  sound.leave(one);
  assert.equal(capture.done, ['start']);
  sound.leave(two);
  sound.leave(two);
  assert.equal(capture.done, ['start', 'stop']);
});

test('who listens hears each packet, who has left none', () => {
  const { sound, capture, listen } = start();
  const [one, two] = [listen(), listen()];
  sound.join(one);
  sound.join(two);
  capture.events.onPacket(Buffer.alloc(100));
  sound.leave(two);
  capture.events.onPacket(Buffer.alloc(100));
  assert.equal([one.got.length, two.got.length], [2, 1]);
});

test('a capture that fails is told of, and tried again while somebody listens', async () => {
  const { sound, capture, reasons, listen } = start();
  const one = listen();
  sound.join(one);
  capture.events.onFailure('no server');
  while (capture.done.length < 2) await sleep(1);
  assert.equal([capture.done, reasons], [['start', 'start'], ['no server']]);
  capture.events.onFailure('no server');
  sound.leave(one);
  await sleep(20);
  assert.equal(capture.done, ['start', 'start', 'stop']);
});

test.run();
