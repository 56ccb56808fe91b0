import { assert, suite } from '#test/suite';
import { toConfig as readConfig } from '../../src/config.ts';
import type { LiveMachine } from '../../src/sessions/live-machine.ts';
import { toConfig } from '../../src/sessions/machine-spec.ts';

const test = suite('machine spec');

const live = {
  machineId: 'm-abcdefgh2345',
  guestToken: 'T'.repeat(43),
  slot: { media: { portMin: 20000, portMax: 20031 } },
} as LiveMachine;
const displayOf = (env: Record<string, string>) => toConfig(live, readConfig(env)).display;

test('a machine is told of sizes only what an older image would not take for granted', () => {
  assert.equal(displayOf({}), { width: 1280, height: 720 });
  assert.equal(displayOf({ ORIEL_DISPLAY_RESIZE: '0' }), { width: 1280, height: 720, resize: false });
  assert.equal(displayOf({ ORIEL_DISPLAY_MOST: '800x600', ORIEL_DISPLAY: '640x480' }), {
    width: 640,
    height: 480,
    resize: { least: { width: 320, height: 240 }, most: { width: 800, height: 600 } },
  });
});

test('a machine is told of sound only where the policy lets viewers listen: an older image does not know the word', () => {
  const audioOf = (env: Record<string, string>) => toConfig(live, readConfig(env)).audio;
  assert.equal([audioOf({}), audioOf({ ORIEL_AUDIO: 'off' }), audioOf({ ORIEL_AUDIO: 'on' })], [undefined, undefined, true]);
  assert.not('audio' in toConfig(live, readConfig({})));
});

test.run();
