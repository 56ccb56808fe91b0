import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FATAL_PREFIX, SERVICE_NAMES } from '#contract/guest';
import { GUEST_NETWORK } from '#contract/network';
import { assert, suite } from '#test/suite';
import { toSoundPipeline } from '../src/agent/audio/sound-pipeline.ts';
import { CONFIG } from './fakes/config.ts';

const ROOTFS = join(import.meta.dirname, '../../images/golden/rootfs/guest');
const SERVICES = join(ROOTFS, 'etc/oriel/service');
const INIT = join(ROOTFS, 'usr/sbin/oriel-init');

const test = suite('guest root filesystem');

test('every service of the contract is there, runs, reports its end and its readiness, and has a log', () => {
  const found = globSync('*/run', { cwd: SERVICES }).map((path) => path.split('/')[0]);
  assert.equal(found.sort(), [...SERVICE_NAMES, 'gate', 'sound'].sort());
  for (const name of [...SERVICE_NAMES, 'sound']) {
    for (const file of ['run', 'finish', 'log/run'])
      assert.ok(statSync(join(SERVICES, name, file)).mode & 0o100, `${name}/${file} cannot be executed`);
    assert.ok(statSync(join(SERVICES, name, 'notification-fd')).isFile());
  }
});

test('the sound server starts only by the word that the controller writes where viewers may listen, and at the door that the agent knows', () => {
  const run = readFileSync(join(SERVICES, 'sound/run'), 'utf8');
  const word = /\*'(.*)'\*\) ;;/.exec(run)![1]!;
  assert.is(JSON.stringify({ ...CONFIG, audio: true }).includes(word), true);
  assert.is(JSON.stringify(CONFIG).includes(word), false);
  const door = /server=unix:(\S+)/.exec(toSoundPipeline())![1]!;
  assert.match(run, `socket=${door.replace('/run/oriel/sound', '$doors')} `);
  assert.match(readFileSync(join(SERVICES, 'sound/data/check'), 'utf8'), door);
});

test('every script is one that the shell can read', () => {
  const scripts = globSync(['**/run', '**/finish', '**/check', 'usr/sbin/*', 'usr/libexec/oriel/*'], { cwd: ROOTFS });
  assert.ok(scripts.length > 15);
  for (const script of scripts) execFileSync('sh', ['-n', join(ROOTFS, script)]);
});

/** What init says of these words, as in a container. It touches nothing before the words are right. */
function init(...words: string[]): { status: number | null; last: string } {
  const { status, stdout } = spawnSync('sh', [INIT, ...words], { env: { container: 'oriel' }, encoding: 'utf8' });
  return { status, last: stdout.trimEnd().split('\n').at(-1)! };
}

const WRONG = {
  'config: 0 words oriel.config= on the kernel line, exactly 1 is needed': [],
  'config: 2 words oriel.config= on the kernel line, exactly 1 is needed': ['oriel.config=e30', 'oriel.config=e30'],
  'config: not base64url': ['oriel.config=e30/'],
};
for (const [reason, words] of Object.entries(WRONG)) {
  test(`init ends with one line when the words are ${JSON.stringify(words)}`, () => {
    assert.equal(init(...words), { status: 1, last: `${FATAL_PREFIX}${reason}` });
  });
}

for (const gate of ['', '1280', 'x720', '1280x', '1280x720x3', '1280x7;0']) {
  test(`init does not wait at a gate ${JSON.stringify(gate)}`, () => {
    assert.is(init(`oriel.gate=${gate}`).last.startsWith(FATAL_PREFIX), true);
  });
}

test('the gate asks where the controller listens, and opens the way of all that it kept back', () => {
  const gate = readFileSync(join(SERVICES, 'gate/run'), 'utf8');
  const { gateway, guestEndpointPort } = GUEST_NETWORK;
  assert.match(gate, `http://${gateway}:${guestEndpointPort}/guest/wake`);
  const words = (text: string) => /for name in ([a-z ]+); do/.exec(text)![1]!.split(' ').sort();
  assert.equal(words(gate), words(readFileSync(INIT, 'utf8')));
});

test.run();
