import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a fake QEMU in a process of its own is told. Without anything it has a machine that does nothing. */
export interface FakeQemu {
  /** Where it ends, with code 3: at its start, when somebody connects, or at a command of QMP, which it does not answer any more. */
  diesAt?: 'start' | 'connection' | 'qmp_capabilities' | 'qom-set' | 'x-exit-preconfig' | 'running';
  /** Never opens its socket. */
  deaf?: boolean;
  /** MiB that its machine writes on its console. */
  floodMib?: number;
}

const MIB_OF_LINES = `${'7'.repeat(1023)}\n`.repeat(1024);

if (import.meta.main) live(JSON.parse(process.env.FAKE_QEMU ?? '{}') as FakeQemu);

function live({ diesAt, deaf = false, floodMib = 0 }: FakeQemu): void {
  const reach = (step: string) => {
    if (step !== diesAt) return;
    process.stdout.write(`I end at ${step}\n`);
    process.exit(3);
  };
  reach('start');
  setInterval(() => {}, 1000);
  if (deaf) return;
  const server = createServer((socket) => {
    reach('connection');
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\n');
    socket.on('data', (line) => {
      const { execute } = JSON.parse(String(line)) as { execute: string };
      reach(execute);
      socket.write('{"return": {}}\n');
      if (execute === 'x-exit-preconfig') void boot(floodMib).then(() => reach('running'));
    });
  });
  server.listen(/^unix:([^,]+)/.exec(process.argv[process.argv.indexOf('-qmp') + 1]!)![1]);
}

/** The machine, as its console tells it. */
async function boot(floodMib: number): Promise<void> {
  await sleep(20);
  for (let written = 0; written < floodMib; written += 1)
    if (!process.stdout.write(MIB_OF_LINES)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  process.stdout.write('flooded\n');
}
