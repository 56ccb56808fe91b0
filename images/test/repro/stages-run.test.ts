import { assert, suite } from '#test/suite';
import { findSkippedStages, parseSteps, STAGES } from '../../src/repro/stages-run.ts';

const test = suite('images: stages of a build from nothing');

const OUTPUT = `fetching packages of builder …
fetching packages of builder: 0.3 s
builder root (179 packages) …
builder root (179 packages): 42.1 s
packages of the image (299): 1 min 3 s
GStreamer binding: 9.0 s
native programs of the guest: 3.1 s
Node without debug names: 0.4 s
files over the packages: 2.0 s
packing (lz4): 4.4 s
hashing its blocks and checking: 6.0 s
299 packages, 540 MB
image is /somewhere: far
`;

test('a step counts when it has ended', () => {
  assert.is(parseSteps(OUTPUT).length, 9);
  assert.equal(findSkippedStages(parseSteps(OUTPUT)), []);
});

for (const [stage, title] of Object.entries(STAGES)) {
  test(`a build that did not run ${stage} is found`, () => {
    const steps = parseSteps(OUTPUT).filter((step) => !title.test(step));
    assert.equal(findSkippedStages(steps), [stage]);
  });
}

test('a step that only began does not count', () => {
  assert.ok(findSkippedStages(parseSteps(OUTPUT.replace('checking: 6.0 s', 'checking …'))).includes('check'));
});

test.run();
