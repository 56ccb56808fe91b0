import { assert, suite } from '#test/suite';
import { NEWBORN, toLoss, toNextVitals, wantsKeyframe, type Look, type Vitals } from '../../src/transport/health.ts';

const test = suite('health');

const LOOK: Look = { elapsedMs: 250, connection: 'connected', heard: false, frame: false, encoderFps: 0 };
const GOOD: Look = { ...LOOK, heard: true, frame: true };

/** The vitals after `ms` of looks that are all the same. */
const after = (ms: number, look: Partial<Look>, vitals: Vitals = NEWBORN): Vitals =>
  Array.from({ length: Math.round(ms / 250) }).reduce<Vitals>((now) => toNextVitals(now, { ...LOOK, ...look }), vitals);

const live = after(250, GOOD);

test('a still desktop that answers pings is well for ever', () => {
  assert.is(toLoss(after(3_600_000, { heard: true }, live)), undefined);
});

test('a silent guest is noticed after two seconds, sooner where frames should come', () => {
  assert.is(toLoss(after(1750, {}, live)), undefined);
  assert.is(toLoss(after(2000, {}, live)), 'silent');
  assert.is(toLoss(after(1250, { encoderFps: 30 }, live)), 'silent');
});

test('a guest that was never heard has five seconds', () => {
  assert.is(toLoss(after(4750, {})), undefined);
  assert.is(toLoss(after(5000, {})), 'silent');
});

test('any sound starts the silence anew', () => {
  assert.is(toLoss(after(1750, {}, after(250, { heard: true }, after(1750, {}, live)))), undefined);
});

test('a page that slept does not take its own silence for the guest’s', () => {
  assert.is(toLoss(toNextVitals(live, { ...LOOK, elapsedMs: 3_600_000 })), undefined);
});

test('states of the connection: failed and closed at once, disconnected after two seconds', () => {
  assert.is(toLoss(after(250, { connection: 'failed' }, live)), 'ice_failed');
  assert.is(toLoss(after(250, { connection: 'closed' }, live)), 'closed');
  assert.is(toLoss(after(1750, { connection: 'disconnected' }, live)), undefined);
  assert.is(toLoss(after(2000, { connection: 'disconnected' }, live)), 'disconnected');
});

test('a connection that does not come about is given up after six seconds', () => {
  assert.is(toLoss(after(5750, { connection: 'connecting' })), undefined);
  assert.is(toLoss(after(6000, { connection: 'connecting' })), 'no_route');
});

test('pongs without a picture: key frames are asked for each second, then a new offer', () => {
  const looks = Array.from({ length: 24 }, (_, index) => after((index + 1) * 250, { heard: true }));
  assert.is(looks.filter((now, index) => index > 0 && wantsKeyframe(looks[index - 1]!, now)).length, 6);
  assert.is(toLoss(looks[22]!), undefined);
  assert.is(toLoss(looks[23]!), 'no_picture');
});

test('an encoder that says it sends while no frame comes is stalled after four seconds', () => {
  assert.is(toLoss(after(3750, { heard: true, encoderFps: 30 }, live)), undefined);
  assert.is(toLoss(after(4000, { heard: true, encoderFps: 30 }, live)), 'stalled');
});

test.run();
