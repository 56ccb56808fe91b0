import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { assert, suite } from '#test/suite';
import { shareNamespaceNames } from '../../src/net/namespaces.ts';

const test = suite('net: names of namespaces');
const NAME = 'oriename-g0';

test('without being shared, a name does not reach a mount namespace that was there before it', async () => {
  forgetNames();
  assert.is(await findFromBefore(), false);
});

test('once they are shared it does; to share them again changes nothing', async () => {
  forgetNames();
  await shareNamespaceNames();
  await shareNamespaceNames();
  assert.is(await findFromBefore(), true);
});

/** As on a host on which nobody has named one yet. */
function forgetNames(): void {
  mkdirSync('/run/netns', { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/netns']);
}

/** Whether a mount namespace, made as a machine's is, finds a network namespace that is named afterwards. */
async function findFromBefore(): Promise<boolean> {
  const script = 'echo there; read -r _; exec nsenter --net="$0" true 2>/dev/null';
  const argv = ['--mount', '--propagation', 'slave', '--', 'sh', '-c', script, `/run/netns/${NAME}`];
  const child = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  execFileSync('ip', ['netns', 'add', NAME]);
  const exited = once(child, 'exit');
  child.stdin.end('\n');
  const [code] = await exited;
  execFileSync('ip', ['netns', 'delete', NAME]);
  return code === 0;
}

test.run();
