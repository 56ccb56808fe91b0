import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A virtual machine that is only its kernel and one disk, as a test needs it: no network, its end is the end of the process. */
export interface Vm {
  bzImage: string;
  disk: string;
  /** Words of the kernel line, after the console's. */
  append: string;
}

const MEMORY_MIB = 1024;

/** TCG's time stamp counter is the host's. On a busy host the kernel fails to measure it, and waits for ever: it is told. */
function readClockKhz(): number {
  return Math.round(Number(/^cpu MHz\s*: ([\d.]+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 2000) * 1000);
}

/**
 * Boots under TCG (a test needs no KVM) until a line of the console fits or the machine ends. Gives the console as lines.
 * Throws when neither comes within `timeoutMs`.
 */
export async function bootUntil({ bzImage, disk, append }: Vm, fits: RegExp, timeoutMs = 60_000): Promise<string[]> {
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-M', 'microvm,acpi=on,rtc=on,isa-serial=on', '-accel', 'tcg', '-cpu', 'max', '-m', String(MEMORY_MIB), '-smp', '1'],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
      ...['-global', 'virtio-mmio.force-legacy=false'],
      ...['-kernel', bzImage, '-append', `console=ttyS0 reboot=t panic=-1 tsc_early_khz=${readClockKhz()} ${append}`],
      ...['-drive', `id=root,file=${disk},format=raw,if=none,readonly=on`, '-device', 'virtio-blk-device,drive=root'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  let ended = false;
  const closed = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => ((ended = true), resolve()));
  });
  const lines = () => text.split(/\r?\n/);
  try {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await Promise.race([sleep(50), closed]))
      if (ended || lines().some((line) => fits.test(line))) return lines();
  } finally {
    child.kill('SIGKILL');
    await closed.catch(() => undefined);
  }
  throw new Error(`the console said neither ${fits} nor that it ended within ${timeoutMs} ms:\n${lines().slice(-20).join('\n')}`);
}
