import { suite, assert } from '#test/suite';
import { planMkfs } from '../../../src/machines/vm/overlay-template.ts';

const test = suite('vm: template of the overlay');

test('the empty file system has no journal and nothing that would cost bytes in every clone', () => {
  assert.equal(planMkfs('/run/oriel/templates/overlay-4096.ext4.17'), [
    ...['mkfs.ext4', '-q', '-F', '-m0', '-N', '131072', '-E', 'lazy_itable_init=1'],
    ...['-O', '^has_journal,^resize_inode,^metadata_csum', '/run/oriel/templates/overlay-4096.ext4.17'],
  ]);
});

test.run();
