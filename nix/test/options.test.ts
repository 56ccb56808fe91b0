import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { Environment } from '../../controller/src/environment.ts';
import { toOptions } from '../generate.ts';

const test = suite('nix: options');
const NIX = join(import.meta.dirname, '..');

test('the module has exactly the controller’s variables (after a change: just nix-generate)', () => {
  const options = JSON.parse(readFileSync(join(NIX, 'options.json'), 'utf8')) as object;
  assert.equal(options, JSON.parse(toOptions()));
  assert.equal(Object.keys(options), Object.keys(Environment.properties));
});

test('numbers have both limits, which the module’s types ask for', () => {
  for (const [name, { type, minimum, maximum }] of Object.entries(JSON.parse(toOptions()) as Record<string, Record<string, unknown>>))
    if (type !== 'string') assert.equal([typeof minimum, typeof maximum], ['number', 'number'], name);
});

test('the module’s unit says what infra/systemd/oriel.service says, but for its paths', () => {
  const unit = readFileSync(join(NIX, '../infra/systemd/oriel.service'), 'utf8');
  const module = readFileSync(join(NIX, 'module/unit.nix'), 'utf8');
  const service = unit.slice(unit.indexOf('[Service]'), unit.indexOf('[Install]'));
  const lines = [...service.matchAll(/^(\w+)=(.*)$/gm)].filter(
    ([, name]) => !['ExecStart', 'ExecReload', 'Environment', 'EnvironmentFile'].includes(name!),
  );
  assert.ok(lines.length > 20);
  for (const [, name, value] of lines) {
    const words = value === 'yes' ? 'true' : /^\d+$/.test(value!) && name === 'RestartSteps' ? value! : `"${value}"`;
    assert.ok(module.includes(name!) && module.includes(words), `${name}=${value}`);
  }
});

test.run();
