import { accessSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { FakeFirecracker, type Call, type FakeOptions } from './fake-firecracker.ts';
import { createVault, isWritable, type Vault } from './fake-snapshot.ts';

/** What a fake in a process of its own is told. `deaf` never opens its socket. */
export interface Setup extends Pick<FakeOptions, 'version' | 'fault'> {
  life?: 'deaf' | 'ends-at-once' | 'panics' | 'breaks-out' | 'ends';
}

const { version, fault, life }: Setup = JSON.parse(process.env.FAKE_SETUP ?? '{}') as Setup;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Looks at the files and the tap as Firecracker would. */
function findProblem({ path, body = {} }: Call): string[] {
  try {
    if (body.kernel_image_path !== undefined) accessSync(String(body.kernel_image_path), constants.R_OK);
    if (body.path_on_host !== undefined) accessSync(String(body.path_on_host), body.is_read_only ? constants.R_OK : constants.W_OK);
    const tap = body.host_dev_name;
    if (typeof tap === 'string' && !readFileSync('/proc/net/dev', 'utf8').includes(`${tap}:`)) return [`Open tap device failed: no ${tap}`];
    if (path === '/logger') tell(body.log_path, '[main:WARN] I am a fake\n');
    if (path === '/metrics') tell(body.metrics_path, '{"utc_timestamp_ms":1,"net":{"rx_bytes_count":7}}\n');
    if (path === '/actions') setTimeout(live, 20, 'init: 0.1 s up: overlay over the image');
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Opens a pipe as Firecracker does: for both, so that nobody has to be there to read. */
function tell(path: unknown, line: string): void {
  writeSync(openSync(String(path), constants.O_RDWR | constants.O_NONBLOCK), line);
}

/** A machine that is loaded opens the files and the tap that it had. */
const disk = createVault((path) => path);
const vault: Vault = {
  save: disk.save,
  load(paths) {
    for (const path of Object.values(paths)) if (isWritable(path)) throw new Error(`${path} can be written`);
    const machine = disk.load(paths);
    // The kernel is in the memory.
    const problems = machine.filter(({ path }) => path !== '/boot-source').flatMap(findProblem);
    if (problems.length > 0) throw new Error(problems.join('; '));
    setTimeout(live, 20, 'gate: goes on');
    return machine;
  },
};

/** The machine, as its console tells it. */
function live(first: string): void {
  say(first);
  if (life === 'panics') say('[    0.4] Kernel panic - not syncing: VFS: Unable to mount root fs');
  if (life === 'panics' || life === 'ends') process.exit(0);
  if (life === 'breaks-out') process.exit(148);
}

if (process.argv.includes('--version')) {
  // With a line of its log behind it, as the real one.
  say(`Firecracker v${version ?? '1.16.1'}\n\n${new Date().toISOString()} [anonymous-instance:main] Firecracker exiting successfully.`);
  process.exit(0);
}
if (life === 'ends-at-once') {
  say('thread main panicked: no KVM');
  process.exit(1);
}
const fake = new FakeFirecracker({
  ...(version && { version }),
  fault,
  validate: findProblem,
  vault,
  die: () => process.exit(1),
});
say(`running as ${process.getuid!()} at ${readdirSync('/').sort().join(' ')}`);
if (life === 'deaf') setInterval(() => {}, 1000);
else await fake.listen(process.argv[process.argv.indexOf('--api-sock') + 1]!);
