import { assert, suite } from '#test/suite';
import { type Look, toFaults, toLimits } from '../../soak/verdict.ts';

const test = suite('soak: the verdict');

const LOOK: Look = { atS: 0, pictureMs: 20, agentMib: 100, controllerMib: 90, pictures: 1, transport: 'webrtc' };
const toLooks = (change: (index: number) => Partial<Look> = () => ({})): Look[] =>
  Array.from({ length: 40 }, (_, index) => ({ ...LOOK, atS: index * 5, ...change(index) }));

test('a desktop that goes on is all well', () => {
  assert.equal(toFaults(toLooks((index) => ({ agentMib: 100 + (index % 3), typedMs: 300 }))), []);
  // What is used for the first time takes memory.
  assert.equal(toFaults(toLooks((index) => ({ agentMib: index < 10 ? 60 : 100 }))), []);
});

test('each fault is told, with its time', () => {
  assert.equal(toFaults(toLooks((index) => (index === 3 ? { pictureMs: 2500 } : {}))), ['15 s: the picture stood still for 2500 ms']);
  assert.equal(toFaults(toLooks((index) => (index === 4 ? { typedMs: 9000 } : {}))), ['20 s: what was typed took 9000 ms']);
  assert.equal(toFaults(toLooks((index) => (index === 39 ? { pictures: 2 } : {}))), ['195 s: the connection was lost: webrtc, 2 pictures']);
  assert.equal(toFaults(toLooks((index) => (index === 39 ? { transport: 'vnc' } : {}))), [
    '195 s: the connection was lost: vnc, 1 pictures',
  ]);
});

test('memory that grows by more than a twentieth is a fault', () => {
  assert.equal(toFaults(toLooks((index) => ({ controllerMib: 90 + index * 0.3 }))), ['controllerMib grew by 6.3 %, at most 5 %']);
  const looks = (share: number) => toLooks((index) => ({ agentMib: index < 30 ? 100 : 100 * share }));
  assert.equal(
    [toFaults(looks(1.2), toLimits(3)).length, toFaults(looks(1.4), toLimits(3)).length, toFaults(looks(1.2), toLimits(45)).length],
    [0, 1, 1],
  );
});

test('of a few looks nothing is said', () => assert.throws(() => toFaults(toLooks().slice(0, 7)), /7 looks: at least 8/));

test.run();
