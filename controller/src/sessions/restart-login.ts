import { toAuthSecret } from '#contract/auth-secret';
import { GUEST_NETWORK } from '#contract/network';
import { Refusal } from '../refusal.ts';
import type { LiveSession } from './live-session.ts';

const LIMIT_MS = 5_000;

/** Where the auth agent of a session's guest is asked, and with which secret. */
export interface AuthDoor {
  url: string;
  secret: string;
}

/** Undefined before the guest has said hello. */
export function toAuthDoor({ slot, guest }: Pick<LiveSession, 'slot' | 'guest'>): AuthDoor | undefined {
  if (guest.vncSecret === undefined) return undefined;
  return { url: `http://${slot.routerAddress}:${GUEST_NETWORK.authPort}`, secret: toAuthSecret(guest.vncSecret) };
}

/** Has the tool of a sign-in begun again, in a new terminal. Throws Refusal: no sign-in is going on, or it is too late. */
export async function restartLogin(door: AuthDoor | undefined): Promise<void> {
  const status = door && (await askRestart(door));
  if (status === 202) return;
  throw new Refusal(409, 'login_not_restarted', 'there is no login that could be begun again: none has started, or it has ended');
}

async function askRestart({ url, secret }: AuthDoor): Promise<number | undefined> {
  const init = { method: 'POST', headers: { authorization: `Bearer ${secret}` }, signal: AbortSignal.timeout(LIMIT_MS) };
  const response = await fetch(`${url}/restart`, init).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status;
}
