import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBlocks, substitute } from '#test/server/document';
import { assert, suite } from '#test/suite';

const test = suite('commands of a document');
const OPERATIONS = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
const fence = (words: string, text = 'true\n') => `Text.\n\n\`\`\`${words}\n${text}\`\`\`\n`;

test('they are read as they stand there, in their order, with their lines', () => {
  const document = fence('sh host one', 'a |\n  b\n') + fence('json', '{}\n') + fence('bash here two', 'c\n') + fence('sh terraform');
  assert.equal(readBlocks(document), [
    { place: 'host', id: 'one', text: 'a |\n  b\n', line: 4 },
    { place: 'here', id: 'two', text: 'c\n', line: 15 },
  ]);
});

for (const [what, document, words] of [
  ['without a place', fence('sh'), /line 4: "": shell is/],
  ['of another place', fence('sh there one'), /there one/],
  ['of a name that comes twice', fence('sh host one') + fence('sh here one'), /line 9: there is another one/],
] as const)
  test(`shell ${what} is refused, with its line`, () => {
    assert.throws(() => readBlocks(document), words);
  });

test('what is typed instead is in the document', () => {
  const blocks = readBlocks(fence('sh host one', 'ping example.org example.org\n'));
  assert.is(substitute(blocks, { 'example.org': '198.51.100.2' })[0]!.text, 'ping 198.51.100.2 198.51.100.2\n');
  assert.throws(() => substitute(blocks, { 'example.com': '' }), /does not have example\.com/);
});

test('operations.md: all shell in it has a place and a name, and a shell understands it', () => {
  const blocks = readBlocks(OPERATIONS);
  assert.ok(blocks.length >= 20, `${blocks.length}`);
  for (const { text } of blocks) execFileSync('bash', ['-n'], { input: text });
});

test.run();
