import type { Session } from '#contract/session';
import type { Config } from '../config.ts';
import { isFinal } from '../sessions/transitions.ts';
import type { Controller } from './controller.ts';
import { showPhases } from './phases-shown.ts';

export class SessionDidNotStart extends Error {
  override readonly name = 'SessionDidNotStart';
}

/** Starts a session of one's own and prints the link to its desktop, as Jupyter does. Throws SessionDidNotStart. */
export async function showDesktop(controller: Controller, config: Config, out: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  const { sessions, viewers, url } = controller;
  out.write(`Oriel serves at ${url}\nStart-up token, the API key of this run: ${controller.startUpKey}\n\n`);
  const { sessionId } = sessions.start({ userId: 'local', provider: 'desktop' });
  keepAlive(controller, sessionId, config.timeoutMs.heartbeat / 3);
  const session = await showPhases(sessions.versions(sessionId, signal), out);
  if (signal.aborted) return;
  if (!session || isFinal(session.status)) throw new SessionDidNotStart(toWords(session));
  // Whoever sits at the terminal may come back to the link at any time.
  const { token } = await viewers.issue(sessionId, 'control', 'up', config.timeoutMs.session);
  out.write(
    `\nThe desktop is there:\n\n    ${url}/desktop?session=${sessionId}#token=${token}\n\nCtrl-C ends it and leaves nothing behind.\n`,
  );
}

/** The terminal is its viewer: it lives until Ctrl-C, with or without a page. */
function keepAlive({ sessions }: Controller, sessionId: string, everyMs: number): void {
  const timer = setInterval(() => {
    try {
      sessions.heartbeat(sessionId);
    } catch {
      clearInterval(timer);
    }
  }, everyMs);
  timer.unref();
}

function toWords(session: Session | undefined): string {
  return session?.reason ? `the session ${session.status}: ${session.reason.message}` : 'the session did not start';
}
