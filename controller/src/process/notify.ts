import { COMMAND_ENV, run } from '../host/run.ts';

/** Tells systemd, where it started this process and waits for it (`Type=notify`), that it serves. Node has no datagrams of Unix sockets. */
export async function notifyReady(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (env.NOTIFY_SOCKET) await run(['systemd-notify', '--ready'], { env: { ...COMMAND_ENV, NOTIFY_SOCKET: env.NOTIFY_SOCKET } });
}
