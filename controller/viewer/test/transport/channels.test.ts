import { assert, suite } from '#test/suite';
import { toControlEvent } from '../../src/transport/channels.ts';

const test = suite('control events');

const EVENTS = [
  { t: 'pong', at: 12.5 },
  { t: 'display', width: 1280, height: 720 },
  { t: 'cursor', png: 'abc=', width: 8, height: 8, hotX: 0, hotY: 0 },
  { t: 'people', policy: 'one', people: [{ id: 1, role: 'view', isYou: true, hasControl: false, isAsking: false }] },
  { t: 'stats', fps: 30, kbps: 2000, encoder: 'vp8enc', dropped: 0 },
];
for (const event of EVENTS) test(`${event.t} is taken as it is`, () => assert.equal(toControlEvent(JSON.stringify(event)), event));

const WRONG: [what: string, data: unknown][] = [
  ['no JSON', '{'],
  ['null', 'null'],
  ['a number', '7'],
  ['an unknown event', '{"t":"reboot"}'],
  ['a name of Object.prototype', '{"t":"constructor"}'],
  ['a missing field', '{"t":"pong"}'],
  ['a wrong type', '{"t":"display","width":"1280","height":720}'],
  ['people that are none', '{"t":"people","policy":"one","people":[{"id":"1"}]}'],
  ['no list of people', '{"t":"people","policy":"one","people":{}}'],
  ['bytes', new ArrayBuffer(4)],
];
for (const [what, data] of WRONG) test(`${what} is dropped`, () => assert.is(toControlEvent(data), undefined));

test.run();
