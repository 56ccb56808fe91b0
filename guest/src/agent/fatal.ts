import { writeSync } from 'node:fs';
import { FATAL_PREFIX } from '#contract/guest';

/** EX_CONFIG: the agent's finish script ends the machine on it. */
const EXIT_FATAL = 78;

/** The machine's last word: a line on the console that fails the session with what it says. Does not return. */
export function die(reason: string): never {
  writeSync(1, `${FATAL_PREFIX}${reason.replaceAll('\n', ' ')}\n`);
  process.exit(EXIT_FATAL);
}
