import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { makeInternet } from '#test/internet';
import { toPoints } from './plan.ts';
import { runStorm, type StormResult } from './storm.ts';

const USAGE = `just test-storm [kills] [--per-point 3] [--seed 1] [--clients 10] [--warm 0] [--driver fake|container]
`;

const { values, positionals } = parseArgs({
  options: {
    'per-point': { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    clients: { type: 'string' },
    warm: { type: 'string', default: '0' },
    driver: { type: 'string', default: 'fake' },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const driver = values.driver === 'container' ? 'container' : 'fake';
const isReal = driver === 'container';
// A pool is filled only while nobody starts, and two processors hold few desktops.
const CLIENTS = { many: '10', few: '2' };
const { seed: start, warm: pool, clients: users = pool === '0' && !isReal ? CLIENTS.many : CLIENTS.few } = values;
// Of a few kills most are at random instants.
const each = values['per-point'] ?? (isReal ? '0' : '3');
const [kills, perPoint, seed, clients, warm] = [positionals[0] ?? '200', each, start, users, pool].map(Number) as [
  ...[number, number, number, number, number],
];

if (
  values.help ||
  values.driver !== driver ||
  [kills, perPoint, seed, clients, warm].some((value) => !Number.isInteger(value) || value < 0)
) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (Object.keys(networkInterfaces()).length > 0) process.exitCode = await enterAlone();
else {
  makeInternet();
  const started = performance.now();
  const onKill = (name: string, done: number, all: number) => console.log(`${String(done).padStart(4)}/${all}  ${name}`);
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort(new Error(`ended by ${name}`)));
  const result = await runStorm({ kills, perPoint, seed, clients, warm, driver, signal: end.signal, onKill });
  process.exitCode = print(result, seed, performance.now() - started);
}

/** In a network of its own, so that no packet leaves this machine and no other namespaces are in the way. */
async function enterAlone(): Promise<number> {
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', ['--net', '--mount', '--propagation', 'private', '--', ...again], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function print({ kills, missed, sessions, survivals, claimed, ends, violations }: StormResult, seed: number, ms: number): number {
  const all = Object.values(kills).reduce((sum, count) => sum + count, 0);
  console.log(`\nkills (seed ${seed}):`);
  for (const name of [...toPoints(warm > 0), 'random', 'restart']) console.log(`  ${name.padEnd(24)} ${kills[name] ?? 0}`);
  console.log(`\n${all} kills in ${Math.round(ms / 1000)} s, ${sessions} sessions:`);
  for (const [end, count] of Object.entries(ends)) console.log(`  ${end.padEnd(36)} ${count}`);
  if (warm > 0) console.log(`sessions on a machine of the pool: ${claimed}`);
  console.log(`machines that were the same process after an end of the controller: ${survivals} times`);
  for (const point of missed) console.log(`MISSED  ${point}: the controller did not come by`);
  for (const violation of violations) console.log(`WRONG   ${violation}`);
  console.log(violations.length + missed.length === 0 ? '\nnothing was lost, doubled or left over' : `\n${violations.length} wrong`);
  return violations.length + missed.length === 0 ? 0 : 1;
}
