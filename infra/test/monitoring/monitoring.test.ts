import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { assert, suite } from '#test/suite';
import { createMetrics } from '../../../controller/src/metrics/metrics.ts';
import { ALL_SOURCES } from '../../../controller/test/fakes/sources.ts';

const test = suite('monitoring');

const DIR = fileURLToPath(new URL('../../monitoring', import.meta.url));
const read = (name: string) => readFileSync(`${DIR}/${name}`, 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
const panels = (JSON.parse(read('dashboard.json')) as { panels: Panel[] }).panels;
const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Names as they stand in the exposition, and so in what asks for them. */
async function readNames(): Promise<Set<string>> {
  const { text } = await createMetrics(ALL_SOURCES).render();
  const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name: name!, type }));
  return new Set(typed.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));
}

const namesIn = (expr: string) => expr.match(/\b(oriel|nodejs|process)_[a-z0-9_]+/g) ?? [];

test('every metric that a rule or a panel asks for is one that a controller tells', async () => {
  const names = await readNames();
  const asked = [...rules.map(({ expr }) => expr), ...shown].flatMap(namesIn);
  assert.ok(asked.length > 40, `${asked.length} names were found`);
  assert.equal(
    asked.filter((name) => !names.has(name)),
    [],
  );
  assert.not.ok(names.has('oriel_nothing_total'));
});

test('every metric of ours is on the dashboard or in a rule', async () => {
  const asked = new Set([...rules.map(({ expr }) => expr), ...shown].flatMap(namesIn).map(toBase));
  const ours = [...(await readNames())].filter((name) => name.startsWith('oriel_')).map(toBase);
  assert.equal(
    [...new Set(ours)].filter((name) => !asked.has(name)),
    ['oriel_image_security_epoch_seconds'],
  );
});

test('each alert says how bad it is, what it is about and what to do', () => {
  assert.ok(rules.length >= 10);
  for (const { alert, labels, annotations } of rules) {
    assert.ok(['page', 'ticket'].includes(labels['severity']!), alert);
    assert.ok((annotations['summary'] ?? '').length > 10, alert);
    assert.ok((annotations['description'] ?? '').length > 10, alert);
  }
});

test('each panel asks for something, and says what it is', () => {
  for (const { title, type, targets } of panels.filter(({ type }) => type !== 'row')) assert.ok(targets!.length > 0, `${type} ${title}`);
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { cwd: DIR, encoding: 'utf8' });

if (promtool('--version').status === 0) {
  test('promtool takes rules and configuration, and the rules fire when they should and not else', () => {
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['check', 'rules', 'alerts.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = promtool(...args);
      assert.is(status, 0, `promtool ${args.join(' ')}: ${stdout}${stderr}`);
    }
  });
} else test.skip('promtool takes rules and configuration, and the rules fire when they should', 'promtool is not installed');

test.run();

function toBase(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '');
}
