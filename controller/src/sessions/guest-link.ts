import type { HelloBody, HelloReply } from '#contract/guest';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { isHashOf, toHash } from '../auth/hash.ts';
import { Refusal } from '../refusal.ts';
import { Bell } from '../signal/bell.ts';
import { newSecret } from './ids.ts';

/** The session's tie to the agent of its machine: a token that is good once, then a secret. Only their hashes are kept. */
export class GuestLink {
  readonly #tokenHash: string;
  #secretHash: string | undefined;
  #vncSecret: string | undefined;
  /** Rings when the agent has said hello. */
  readonly bell = new Bell();

  constructor(token: string) {
    this.#tokenHash = toHash(token);
  }

  /** Secret that websockify in the guest asks for; missing until hello. */
  get vncSecret(): string | undefined {
    return this.#vncSecret;
  }

  /** Swaps the one-time token for the agent's secret. Throws Refusal. */
  hello(token: string, machineId: string, body: HelloBody): HelloReply {
    if (!isHashOf(this.#tokenHash, token) || body.machineId !== machineId) throw unauthorized();
    if (this.#secretHash) throw new Refusal(401, 'guest_token_used', 'the token was used before');
    if (body.protocol < PROTOCOL_VERSION - 1 || body.protocol > PROTOCOL_VERSION) {
      throw new Refusal(
        400,
        'protocol_unsupported',
        `the guest speaks protocol ${body.protocol}, this controller ${PROTOCOL_VERSION} and the one before`,
      );
    }
    const secret = newSecret();
    this.#secretHash = toHash(secret);
    this.#vncSecret = body.vncSecret;
    this.bell.ring();
    return { protocol: PROTOCOL_VERSION, secret };
  }

  /** Throws Refusal unless `secret` is the agent's. */
  check(secret: string): void {
    if (!this.#secretHash || !isHashOf(this.#secretHash, secret)) throw unauthorized();
  }
}

export function unauthorized(): Refusal {
  return new Refusal(401, 'unauthorized', 'the token is missing or wrong');
}
