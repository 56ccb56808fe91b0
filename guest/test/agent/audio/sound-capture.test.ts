import { assert, suite } from '#test/suite';
import { SoundCapture } from '../../../src/agent/audio/sound-capture.ts';
import type { Gstreamer } from '../../../src/agent/stream/gstreamer.ts';

const test = suite('capture of sound');

function start() {
  const got: string[] = [];
  const pulls: ((buffer: Buffer | null) => void)[] = [];
  const words: string[] = [];
  class Pipeline {
    constructor(launch: string) {
      words.push(launch);
    }

    play = () => void got.push('play');
    stop = () => void got.push('stop');
    findChild = () => ({ pull: (onBuffer: (buffer: Buffer | null) => void) => void pulls.push(onBuffer) });
    forceKeyUnit = () => {};
  }
  const events = { onPacket: (packet: Buffer) => void got.push(packet.toString()), onFailure: (reason: string) => void got.push(reason) };
  const capture = new SoundCapture(() => ({ Pipeline }) as unknown as Gstreamer, events);
  return { capture, got, pulls, words };
}

test('it takes the monitor of what is played, at the agent’s own door, as Opus that is quiet in silence', () => {
  const { capture, words } = start();
  assert.is(words.length, 0);
  capture.start();
  for (const word of [
    'server=unix:/run/oriel/sound/agent/native',
    'device=desktop.monitor',
    'dtx=true',
    'inband-fec=true',
    'frame-size=20',
  ])
    assert.match(words[0]!, word);
});

test('packets are handed on as they come; what a stopped one still hands over is not', () => {
  const { capture, got, pulls } = start();
  capture.start();
  capture.start();
  pulls[0]!(Buffer.from('a'));
  capture.stop();
  pulls[1]!(Buffer.from('late'));
  capture.start();
  pulls[1]!(Buffer.from('later'));
  pulls[2]!(Buffer.from('b'));
  assert.equal(got, ['play', 'a', 'stop', 'play', 'b']);
});

test('its end is a failure, and so is an image that has no such pipeline', () => {
  const { capture, got, pulls } = start();
  capture.start();
  pulls[0]!(null);
  assert.equal(got, ['play', 'stop', 'the sound server gave none']);
  const reasons: string[] = [];
  const load = () => {
    throw new Error('no element "pulsesrc"');
  };
  new SoundCapture(load, { onPacket: () => {}, onFailure: (reason) => void reasons.push(reason) }).start();
  assert.match(reasons.join(), 'pulsesrc');
});

test.run();
