import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { XORG } from './tools.ts';

const CONFIG = `
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "DontVTSwitch" "true"
EndSection
Section "Device"
  Identifier "dummy"
  Driver "dummy"
  VideoRam 65536
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 1-1000
  VertRefresh 1-1000
  Modeline "1280x720" 59.5 1280 1288 1296 1344 720 723 726 752
EndSection
Section "Screen"
  Identifier "screen"
  Device "dummy"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "1280x720"
    Virtual 1920 1200
  EndSubSection
EndSection
`;

/** An X server with a screen in memory, 1280 × 720 at first, and guest/native/test/painter.c on it. */
export interface Screen {
  env: NodeJS.ProcessEnv;
  /** Gives the painter a command; resolves with the time (`process.hrtime`, ms) at which it was done. */
  paint(command: string): Promise<number>;
  /** The screen's pixels: B G R x. */
  dump(): Promise<Buffer>;
  end(): Promise<void>;
}

/** Starts it; `dir` holds the painter and what the server writes. */
export async function startScreen(dir: string): Promise<Screen> {
  const server = startServer(dir);
  const [number] = (await once(createInterface({ input: server.stdio[3] as Readable }), 'line')) as [string];
  const env = { ...process.env, DISPLAY: `:${number}` };
  const { paint, painter } = await startPainter(dir, env);
  const dump = async () => {
    await paint(`dump ${dir}/dump`);
    return readFileSync(join(dir, 'dump'));
  };
  const end = async () => {
    for (const child of [painter, server]) await stop(child);
  };
  return { env, paint, dump, end };
}

function startServer(dir: string): ChildProcess {
  writeFileSync(join(dir, 'xorg.conf'), CONFIG);
  const files = ['-config', join(dir, 'xorg.conf'), '-configdir', dir, '-logfile', join(dir, 'xorg.log')];
  // -terminate: should this process be killed, the painter ends, and with its last client the server.
  const words = [...files, '-displayfd', '3', '-quiet', '-nolisten', 'tcp', '-terminate', '-novtswitch', '-sharevts', '-ac'];
  return spawn(XORG, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
}

async function startPainter(dir: string, env: NodeJS.ProcessEnv) {
  const painter = spawn(join(dir, 'painter'), [], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((at: number) => void)[] = [];
  const next = () => new Promise<number>((resolve) => waiting.push(resolve));
  createInterface({ input: painter.stdout }).on('line', (line) => waiting.shift()!(Number(line) / 1000));
  const paint = (command: string) => {
    painter.stdin.write(`${command}\n`);
    return next();
  };
  await next();
  return { painter, paint };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
