import { findLeftOver } from '../../controller/src/leftover/find.ts';
import { countByKind, type Trace } from '../../controller/src/leftover/trace.ts';
import { broken, note, ok, type Look } from './finding.ts';
import { isRunning, listMachines } from './running.ts';

/** Named one by one; of more than that, how many. */
const NAMED = 10;

/** What is left over on it. */
export const LEFT_OVER_LOOKS: Record<string, Look> = {
  machines: async ({ dataDir }) => {
    const machines = listMachines(dataDir).length;
    if (machines === 0) return ok('there is no record of one');
    if (await isRunning(dataDir)) return ok(`${machines} have a record, and a controller runs`);
    return note(`${machines} have a record, and no controller runs`, 'start the controller, which sees to them, or just down ends them');
  },
  'left over': async (config) => {
    const isControllerRunning = await isRunning(config.dataDir);
    const found = await findLeftOver(config, {
      listMachines: () => listMachines(config.dataDir),
      isControllerRunning,
      allProcesses: true,
    });
    if (found.length === 0) return ok('nothing that no record stands for');
    const first = isControllerRunning ? 'as root' : 'just down, and then for what is still there, as root';
    return broken(toText(found), `${first}: ${found.slice(0, NAMED).map(toCommand).join('; ')}`);
  },
};

/** What takes it away. Namespaces and what they hold come first in a census, then what is left is empty. */
export function toCommand({ kind, name }: Trace): string {
  const commands: Record<Trace['kind'], string> = {
    namespace: `ip netns delete ${name}`,
    link: `ip link delete ${name}`,
    'firewall table': `nft delete table ${name}`,
    'control group': `find ${name} -depth -type d -delete`,
    process: `kill -9 ${name.split(' ')[0]}`,
    mount: `umount -l ${name}`,
    directory: `rm -r ${name}`,
    socket: `rm ${name}`,
  };
  return commands[kind];
}

function toText(found: readonly Trace[]): string {
  const counts = Object.entries(countByKind(found)).map(([kind, count]) => `${count} × ${kind}`);
  const names = found.slice(0, NAMED).map(({ kind, name }) => `${kind} ${name}`);
  return `no record stands for ${counts.join(', ')}: ${names.join(', ')}${found.length > NAMED ? ' …' : ''}`;
}
