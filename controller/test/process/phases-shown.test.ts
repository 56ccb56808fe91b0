import { Writable } from 'node:stream';
import { suite, assert } from '#test/suite';
import type { Session } from '#contract/session';
import { showPhases, toLine } from '../../src/process/phases-shown.ts';

const test = suite('phases shown');

const startedAt = '2026-01-01T00:00:00.000Z';
const done = (name: string, ms: number) => ({ name, startedAt, endedAt: startedAt, ms });

test('a phase is a line with its number and seconds; one that runs counts', () => {
  assert.is(toLine(done('machine', 412)), '  3/5 machine    0.41 s');
  assert.is(toLine({ name: 'desktop', startedAt }, Date.parse(startedAt) + 12_345), '  5/5 desktop   12.35 s');
});

test('a desktop that was ready has one phase after the image', () => {
  assert.is(toLine(done('claim', 12)), '  2/2 claim      0.01 s');
});

test('without a terminal each phase is one plain line, once', async () => {
  let text = '';
  const out = new Writable({ write: (chunk, _encoding, next) => ((text += chunk), next()) }) as unknown as NodeJS.WriteStream;
  async function* versions(): AsyncGenerator<Session | undefined> {
    const version = (status: string, phases: Session['phases']) => ({ status, phases, createdAt: startedAt }) as Session;
    yield version('pending', []);
    yield version('vm_creating', [{ name: 'network', startedAt }]);
    yield undefined;
    yield version('vm_creating', [done('network', 120), { name: 'machine', startedAt }]);
    yield version('vm_creating', [done('network', 120), done('machine', 30), { name: 'boot', startedAt }]);
    yield version('vm_created', [done('network', 120), done('machine', 30), done('boot', 800), done('desktop', 1500)]);
    throw new Error('nobody asks for more');
  }
  assert.is((await showPhases(versions(), out))?.status, 'vm_created');
  assert.equal(text.split('\n'), [
    '  1/5 image      0.00 s',
    '  2/5 network    0.12 s',
    '  3/5 machine    0.03 s',
    '  4/5 boot       0.80 s',
    '  5/5 desktop    1.50 s',
    '',
  ]);
});

test.run();
