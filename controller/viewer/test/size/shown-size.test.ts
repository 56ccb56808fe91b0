import { assert, suite } from '#test/suite';
import { toShownSize, type SizesKnown } from '../../src/size/shown-size.ts';

const test = suite('shown size');

const HD = { width: 1280, height: 720 };
const FULL = { width: 1920, height: 1080 };
const ODD = { width: 1002, height: 700 };
const NONE = { width: 0, height: 0 };

const CASES: [what: string, known: Omit<SizesKnown, 'sinceToldMs'> & { sinceToldMs?: number }, shown: { width: number; height: number }][] =
  [
    ['no picture yet: what was told', { picture: NONE, told: HD, before: undefined }, HD],
    ['nothing told yet: the picture', { picture: HD, told: undefined, before: undefined }, HD],
    ['a picture of the size that was told', { picture: ODD, told: ODD, before: HD }, ODD],
    ['still a picture of the size before', { picture: HD, told: ODD, before: HD }, HD],
    ['still that, though it looks like a scaled one', { picture: HD, told: FULL, before: HD }, HD],
    ['a scaled one that stays', { picture: HD, told: FULL, before: HD, sinceToldMs: 3000 }, FULL],
    ['a scaled one', { picture: { width: 640, height: 360 }, told: HD, before: undefined }, HD],
    ['a scaled one whose height is rounded', { picture: { width: 501, height: 350 }, told: ODD, before: HD }, ODD],
    ['a picture of a size that was not told yet', { picture: ODD, told: HD, before: undefined }, ODD],
  ];
for (const [what, known, shown] of CASES) test(what, () => assert.equal(toShownSize({ sinceToldMs: 100, ...known }), shown));

test.run();
