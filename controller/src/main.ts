import { becomeLeast } from './host/least.ts';

/** What lives long and is spoken to. */
const LONG_LIVED = ['serve', 'up', '--up'];

// Nothing is awaited here: in the bundle this is CommonJS.
void begin();

async function begin(): Promise<void> {
  if (LONG_LIVED.includes(process.argv[2] ?? 'serve')) await becomeLeast((message) => process.stderr.write(`${message}\n`));
  // Loaded now: what begins again must not have been.
  await import('./command.ts');
}
