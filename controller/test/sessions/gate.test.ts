import { suite, assert } from '#test/suite';
import { WAKE_ENTROPY_BYTES } from '#contract/guest';
import { fromConfigJson } from '#contract/kernel-line';
import { PROTOCOL_VERSION } from '#contract/protocol';
import type { Refusal } from '../../src/refusal.ts';
import { Gate } from '../../src/sessions/gate.ts';

const test = suite('gate');

const CONFIG = {
  protocol: PROTOCOL_VERSION,
  machineId: 'm-aaaaaaaaaaaa',
  hostname: 'desktop',
  token: 't'.repeat(43),
  display: { width: 1280, height: 720 },
  media: { portMin: 20000, portMax: 20031, bitrateKbps: 4000, framerate: 60 },
};

test('a machine that asks is told nothing until the gate opens, and then once', () => {
  const gate = new Gate();
  assert.not(gate.isAsked);
  assert.is(gate.ask(), undefined);
  assert.ok(gate.isAsked);
  gate.open(CONFIG);
  assert.ok(gate.ask());
  try {
    gate.ask();
    assert.unreachable();
  } catch (error) {
    assert.is((error as Refusal).code, 'unauthorized');
  }
});

test('it is told the time, its config, and random bytes that nobody else is told', () => {
  const tell = () => {
    const gate = new Gate();
    gate.open(CONFIG);
    return gate.ask()!.trimEnd().split(' ') as [string, string, string];
  };
  const [time, config, entropy] = tell();
  assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 5, time);
  assert.equal(fromConfigJson(Buffer.from(config, 'base64').toString()), CONFIG);
  assert.is(Buffer.from(entropy, 'base64').length, WAKE_ENTROPY_BYTES);
  assert.is.not(entropy, tell()[2]);
});

test('a gate opens for a config that is whole', () => {
  const gate = new Gate();
  gate.open({ ...CONFIG, token: 'short' });
  assert.throws(() => gate.ask(), /config: \/token/);
});

test.run();
