import { assert, suite } from '#test/suite';
import { toPlan, type Facts } from '../src/choice.ts';

const test = suite('choice of transport');

const FACTS: Facts = { mode: 'auto', hasWebrtc: false, hasVnc: false, shown: undefined, blankMs: 0, fallbackMs: 8000 };

const CASES: [what: string, facts: Partial<Facts>, plan: ReturnType<typeof toPlan>][] = [
  ['at first only WebRTC is tried', {}, { shown: undefined, keepWebrtc: true, keepVnc: false }],
  ['WebRTC has a picture', { hasWebrtc: true }, { shown: 'webrtc', keepWebrtc: true, keepVnc: false }],
  ['WebRTC owes a picture for too long', { blankMs: 8000 }, { shown: undefined, keepWebrtc: true, keepVnc: true }],
  ['VNC stands in', { blankMs: 9000, hasVnc: true }, { shown: 'vnc', keepWebrtc: true, keepVnc: true }],
  ['VNC lost its picture too', { blankMs: 9000, shown: 'vnc' }, { shown: undefined, keepWebrtc: true, keepVnc: true }],
  ['WebRTC comes back by itself', { hasWebrtc: true, hasVnc: true, shown: 'vnc' }, { shown: 'webrtc', keepWebrtc: true, keepVnc: false }],
  [
    'VNC by hand: WebRTC stays until it is there',
    { mode: 'vnc', hasWebrtc: true, shown: 'webrtc' },
    { shown: 'webrtc', keepWebrtc: true, keepVnc: true },
  ],
  [
    'VNC by hand: there',
    { mode: 'vnc', hasWebrtc: true, hasVnc: true, shown: 'webrtc' },
    { shown: 'vnc', keepWebrtc: false, keepVnc: true },
  ],
  ['VNC by hand: lost, WebRTC bridges', { mode: 'vnc', shown: 'vnc' }, { shown: undefined, keepWebrtc: true, keepVnc: true }],
  ['WebRTC by hand: VNC stays until it is there', { hasVnc: true, shown: 'vnc' }, { shown: 'vnc', keepWebrtc: true, keepVnc: true }],
];

for (const [what, facts, plan] of CASES) test(what, () => assert.equal(toPlan({ ...FACTS, ...facts }), plan));

test.run();
