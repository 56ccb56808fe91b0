import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { KeyCommandInvalid, runKeyCommand } from './auth/key-command.ts';
import { ConfigInvalid, toConfig, type Config } from './config.ts';
import { UpstreamsInvalid } from './egress/upstreams-file.ts';
import { HostUnfit } from './machines/choose-driver.ts';
import { startController } from './process/controller.ts';
import { takeDown } from './process/down.ts';
import { DataDirLocked, DataDirUnusable } from './process/lock.ts';
import { createLog } from './process/log.ts';
import { notifyReady } from './process/notify.ts';
import { SessionDidNotStart, showDesktop } from './process/up.ts';
import { readVersions, toLines } from './process/version.ts';
import { BackupFailed, backUp } from './store/backup.ts';
import { openStore, StoreUnusable } from './store/store.ts';
import { TurnSecretInvalid } from './ice/turn-secret.ts';
import { WebhookSecretInvalid } from './webhooks/secret.ts';

const USAGE = `usage: oriel          serve, until SIGINT or SIGTERM; desktops go on, for the next one that serves. SIGHUP: read upstreams again
       oriel up     the same, with one session started at once and the link to it printed; its end is the end of all desktops
       oriel down   end the controller that runs, and all desktops, and clean what is left
       oriel backup FILE   copy the database, also of a controller that runs, to a file that is not there yet
       oriel version [--json]   which release, commit, Node, image and kernel this is
       oriel key …         API keys: create, list, rotate, revoke; “key” alone says more
`;
/** Each with how many words it takes. */
const VERBS: Record<string, number> = { serve: 0, up: 0, down: 0, backup: 1, version: 0 };
const KEY = 'key';
/** What these say is for the one who started the program; a stack would only hide it. */
const SAID_PLAINLY = [
  WebhookSecretInvalid,
  TurnSecretInvalid,
  UpstreamsInvalid,
  ConfigInvalid,
  HostUnfit,
  DataDirLocked,
  DataDirUnusable,
  SessionDidNotStart,
  StoreUnusable,
  BackupFailed,
  KeyCommandInvalid,
];

/** A controller that runs holds the database for milliseconds at a time. */
const KEY_PATIENCE_MS = 10_000;

/** One Ctrl-C can reach the process more than once: from the terminal, from npx and from just. A second one comes from a person later. */
const SECOND_SIGNAL_AFTER_MS = 1000;

// Nothing is awaited here: in the bundle this is CommonJS.
void run();

async function run(): Promise<void> {
  try {
    process.exitCode ||= await main(process.argv.slice(2));
  } catch (error) {
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const isPlain = isFull || SAID_PLAINLY.some((kind) => error instanceof kind);
    process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
}

async function main(args: string[]): Promise<number> {
  // It has options of its own.
  if (args[0] === KEY) return changeKeys(args.slice(1), toConfig(process.env));
  const { values, positionals } = parseArgs({
    args,
    options: { up: { type: 'boolean' }, help: { type: 'boolean' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [verb = values.up ? 'up' : 'serve', ...rest] = positionals;
  if (values.help || !Object.hasOwn(VERBS, verb) || rest.length !== VERBS[verb]) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const config = toConfig(process.env);
  if (verb === 'version') return sayVersions(config, values.json ?? false);
  // Who watches `up` in a terminal is shown the phases; what went well needs no log as well.
  const isWatched = verb === 'up' && process.stdout.isTTY && !process.env.ORIEL_LOG_LEVEL;
  const log = createLog(isWatched ? 'warn' : config.logLevel, process.stderr.isTTY);
  if (verb === 'backup') await saveDatabase(config, rest[0]!);
  else if (verb === 'down') await takeDown(config, log);
  else await serve(config, log, verb === 'up');
  // What goes on without this process has ties to it that would keep it here.
  if (verb === 'serve') process.exit();
  return 0;
}

function sayVersions(config: Config, json: boolean): number {
  const versions = readVersions(config);
  process.stdout.write(json ? `${JSON.stringify(versions, null, 2)}\n` : toLines(versions));
  return 0;
}

async function saveDatabase({ dataDir }: Config, file: string): Promise<void> {
  await backUp(join(dataDir, 'oriel.db'), file);
  process.stdout.write(`the database is copied to ${file}\n`);
}

/** In the database itself: it works whether a controller runs or not. */
async function changeKeys(args: string[], { dataDir }: Config): Promise<number> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const store = openStore(join(dataDir, 'oriel.db'), undefined, KEY_PATIENCE_MS);
  try {
    const { out, note } = runKeyCommand(args, store, `shell:${userInfo().username}`);
    process.stdout.write(out);
    process.stderr.write(note);
    return 0;
  } finally {
    store.close();
  }
}

/** Serves until it is told to end. */
async function serve(config: Config, log: Logger, up: boolean): Promise<void> {
  const end = endSignal(log);
  const controller = await startController(config, log);
  // A terminal that is closed sends it, too: who watches `up` in one means its end.
  if (!up) process.on('SIGHUP', () => void controller.reload());
  try {
    await notifyReady();
    if (up) await showDesktop(controller, config, process.stdout, end);
    if (!end.aborted) await new Promise((resolve) => end.addEventListener('abort', resolve));
  } finally {
    log.info(up ? 'controller ends, and all sessions with it' : 'controller ends; sessions go on');
    await (up ? controller.stop() : controller.leave());
    // What was just being made goes on in the next controller, and must not in this one.
    if (!up) process.exit();
  }
}

/** Aborts at the first SIGINT or SIGTERM, or at a mistake that nobody caught; a second signal ends the process as it is. */
function endSignal(log: Logger): AbortSignal {
  const end = new AbortController();
  let askedAt = 0;
  const onSignal = (name: NodeJS.Signals) => {
    askedAt ||= performance.now();
    if (performance.now() - askedAt > SECOND_SIGNAL_AFTER_MS) {
      process.stderr.write('ended at once; what is left over goes with: just down\n');
      process.exit(130);
    }
    log.info({ signal: name }, 'asked to end');
    end.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'nobody caught this');
    process.exitCode = 1;
    end.abort();
  });
  return end.signal;
}
