import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import type { NamedUpstream } from '../../src/egress/upstreams-file.ts';
import { Upstreams } from '../../src/process/upstreams.ts';
import { eventually } from '../fakes/controller.ts';

const test = suite('upstreams read again');
const CANARY = 'planted-canary-2718';
const toEntry = (name: string): NamedUpstream => ({
  name,
  protocol: 'http',
  host: `${name}.example`,
  port: 1,
  username: 'u',
  password: CANARY,
});

interface Watched {
  pool: { upstreams: NamedUpstream[]; replace(upstreams: readonly NamedUpstream[]): void };
  upstreams: Upstreams;
  reads: boolean[];
  said: string[];
  write(content: unknown): void;
}

async function watching(act: (watched: Watched) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-upstreams-'));
  const path = join(dir, 'upstreams.json');
  const write = (content: unknown) => {
    writeFileSync(`${path}.new`, typeof content === 'string' ? content : JSON.stringify({ upstreams: content }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  write([toEntry('a')]);
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => void said.push(line) });
  const reads: boolean[] = [];
  const pool = { upstreams: [toEntry('a')], replace: (upstreams: readonly NamedUpstream[]) => void (pool.upstreams = [...upstreams]) };
  const upstreams = new Upstreams({ path, pool, log, onRead: (isGood) => void reads.push(isGood), lookEveryMs: 20 });
  upstreams.start();
  try {
    await act({ pool, upstreams, reads, said, write });
  } finally {
    upstreams.stop();
    rmSync(dir, { recursive: true });
  }
}

test('a file that is put in its place is read by itself', () =>
  watching(async ({ pool, write, said }) => {
    write([toEntry('a'), toEntry('b')]);
    await eventually(() => pool.upstreams.length === 2);
    assert.match(said.join(''), /"upstreams":2,"added":1,"removed":0,"msg":"upstreams read"/);
  }));

test('one that is wrong changes nothing, and the log says what is wrong and not what stands there', () =>
  watching(async ({ pool, upstreams, reads, write, said }) => {
    write([{ ...toEntry('b'), port: CANARY }]);
    await upstreams.reload();
    write(`{"upstreams": [ "${CANARY}" `);
    await upstreams.reload();
    assert.ok(reads.length >= 2 && !reads.includes(true));
    assert.equal(pool.upstreams, [toEntry('a')]);
    assert.match(said.join(''), /upstreams\/0\/port must be integer/);
    assert.match(said.join(''), /it is no JSON/);
    assert.not.match(said.join(''), CANARY);
  }));

test.run();
