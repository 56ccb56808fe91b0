import { constants } from 'node:os';
import type { Provider } from '#contract/provider';
import type { SignInFailure } from '#contract/sign-in';
import { redact } from './redact.ts';

export interface Failure {
  code: SignInFailure;
  /** First a sentence, then the tool's last lines, one each. */
  message: string;
}

export interface Ended {
  /** Null when its terminal was closed. */
  code: number | null;
  /** What the tool said last. */
  lines: readonly string[];
}

/** sh's, of a command that is not there. */
const NOT_FOUND = 127;
/** And of one that a signal ended: so much more than the signal's number. */
const BY_SIGNAL = 128;
const INTERRUPTED = BY_SIGNAL + constants.signals.SIGINT;
const MESSAGE_MAX = 2000;

/** Why a sign-in has failed whose tool ended without credentials. `unreachable`: why none of the provider's hosts can be reached. */
export function explainEnd(
  { name, login }: Provider,
  { code, lines }: Ended,
  found: { malformed?: string | undefined; unreachable?: string | undefined },
): Failure {
  const said = lines.join('\n');
  const fits = (pattern: string | undefined) => pattern !== undefined && new RegExp(pattern, 'i').test(said);
  const tell = (kind: SignInFailure, sentence: string) => ({ code: kind, message: withLines(sentence, lines) });
  if (found.malformed !== undefined) return explainMalformed(name, found.malformed);
  if (code === null) return tell('login_cancelled', `the terminal of ${name} was closed before the sign-in was done`);
  if (code === NOT_FOUND)
    return tell('cli_missing', `this image has no ${login?.command[0]}: the operator's image needs the layer of ${name}`);
  if (fits(login?.denied)) return tell('login_denied', `${name} was not allowed to sign in`);
  if (fits(login?.expired)) return tell('code_expired', `the code or page of ${name} was too old`);
  if (found.unreachable !== undefined) return tell('page_unreachable', found.unreachable);
  if (code === 0) return tell('login_cancelled', `${name} ended without having signed in`);
  if (code === INTERRUPTED) return tell('login_cancelled', `${name} was interrupted before the sign-in was done`);
  const signal = toSignal(code);
  return tell('cli_crashed', signal ? `${name} was killed by ${signal}` : `${name} ended with exit code ${code}`);
}

function toSignal(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === code - BY_SIGNAL)?.[0];
}

export function explainMalformed(name: string, why: string): Failure {
  return { code: 'credentials_malformed', message: `what ${name} wrote cannot be its credentials: ${why}`.slice(0, MESSAGE_MAX) };
}

function withLines(sentence: string, lines: readonly string[]): string {
  const words = lines.length > 0 ? `${sentence}; its last lines:\n${lines.map(redact).join('\n')}` : sentence;
  return words.slice(0, MESSAGE_MAX);
}
