import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { changeDrain, DrainInvalid } from '../../src/process/drain-command.ts';
import { drainReader } from '../../src/process/drain.ts';
import type { AuditEntry } from '../../src/store/audit.ts';

const test = suite('drain');
let dataDir = '';
let said: string[] = [];
let audit: AuditEntry[] = [];
/** How many sessions are open, at one look after the other. */
let open = [0];

test.beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'oriel-drain-'));
  [said, audit, open] = [[], [], [0]];
});
test.afterEach(() => rmSync(dataDir, { recursive: true }));

function change(line: string): Promise<void> {
  const list = () => Array.from({ length: open.length > 1 ? open.shift()! : open[0]! }, (_, index) => `s-${index}`);
  const store = { sessions: { list }, audit: { append: (entry: AuditEntry) => void audit.push(entry) } };
  const [verb, ...args] = line.split(' ');
  return changeDrain(verb!, args, { dataDir, store, who: 'shell:test', say: (text) => void said.push(text), lookEveryMs: 1 });
}

test('a drained host says since when and why, to each controller, until it is undrained', async () => {
  assert.is(drainReader(dataDir)(), undefined);
  open = [2];
  await change('drain --reason kernel');
  assert.match(drainReader(dataDir)()!, /^the host takes no new sessions since \d{4}-\S+Z \(kernel\): `oriel undrain` ends it$/);
  await change('undrain');
  assert.is(drainReader(dataDir)(), undefined);
  assert.equal(readdirSync(dataDir), []);
  await change('undrain');
  const words = ['no new session starts on this host; 2 sessions run', 'sessions start again on this host', 'the host was not drained'];
  assert.equal(said, words);
  assert.equal(
    audit.map(({ who, action, detail }) => `${who} ${action} ${detail ?? ''}`),
    ['shell:test host drained kernel', 'shell:test host undrained '],
  );
});

test('another reason leaves the time at which it began, and none leaves the reason', async () => {
  await change('drain --reason one');
  const since = /since (\S+)/.exec(drainReader(dataDir)()!)![1]!;
  await change('drain --reason two');
  await change('drain');
  assert.match(drainReader(dataDir)()!, new RegExp(`since ${since} \\(two\\)`));
});

test('one can wait for those that run, and not for ever', async () => {
  open = [3, 3, 2, 1, 0];
  await change('drain --wait 1m');
  assert.equal(said, ['no new session starts on this host; 3 sessions run', '2 sessions run', '1 session runs', 'none runs']);
  open = [1];
  const error = await change('drain --wait 0s').catch((reason: Error) => reason);
  assert.instance(error, DrainInvalid);
  assert.match((error as Error).message, /^1 session runs after that time/);
});

for (const line of [
  'drain now',
  'drain --wait soon',
  'drain --reason a\nb',
  `drain --reason ${'x'.repeat(201)}`,
  'undrain now',
  'undrain --wait 1s',
])
  test(`what is not understood changes nothing: ${JSON.stringify(line.slice(0, 30))}`, async () => {
    assert.instance(await change(line).catch((reason: Error) => reason), DrainInvalid);
    assert.equal([readdirSync(dataDir), said, audit], [[], [], []]);
  });

test('a file that cannot be read keeps the host drained, and says so', () => {
  writeFileSync(join(dataDir, 'drain.json'), '{');
  assert.match(drainReader(dataDir)()!, /drain\.json cannot be read/);
});

test.run();
