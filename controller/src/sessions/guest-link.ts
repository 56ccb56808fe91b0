import type { HelloBody, HelloReply } from '#contract/guest';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { isHashOf, toHash } from '../auth/hash.ts';
import { Refusal } from '../refusal.ts';
import { Bell } from '../signal/bell.ts';
import { newSecret } from './ids.ts';

/** What is known of a guest: hashes, but for the secret that the controller itself shows to the guest. */
export interface GuestKnown {
  /** Missing when the token was used up. */
  tokenHash?: string | undefined;
  /** Missing until the agent has said hello. */
  secretHash?: string | undefined;
  vncSecret?: string | undefined;
}

/** Writes down what has to be known after a restart, before it counts. Throws when it cannot. */
export interface GuestKeeper {
  /** The agent said hello. */
  said(known: { secretHash: string; vncSecret: string }): void;
  /** Its secret was used for the first time. */
  used(): void;
}

/**
 * The session's tie to the agent of its machine: a token that is good once, then a secret. Only their hashes are kept.
 * The token is used up when the secret that it was swapped for is used: a reply to hello that was lost on its way, as at the
 * controller's end, can be had again.
 */
export class GuestLink {
  readonly #keeper: GuestKeeper;
  readonly #tokenHash: string | undefined;
  #secretHash: string | undefined;
  #vncSecret: string | undefined;
  #isUsed: boolean;
  /** Rings when the agent has said hello. */
  readonly bell = new Bell();

  constructor({ tokenHash, secretHash, vncSecret }: GuestKnown, keeper: GuestKeeper = FORGETFUL) {
    this.#keeper = keeper;
    this.#tokenHash = tokenHash;
    this.#isUsed = tokenHash === undefined;
    this.#secretHash = secretHash;
    this.#vncSecret = vncSecret;
  }

  /** The agent has said hello. */
  get isKnown(): boolean {
    return this.#secretHash !== undefined;
  }

  /** Secret that websockify in the guest asks for; missing until hello. */
  get vncSecret(): string | undefined {
    return this.#vncSecret;
  }

  /** Swaps the one-time token for the agent's secret. Throws Refusal. */
  hello(token: string, machineId: string, body: HelloBody): HelloReply {
    if (this.#tokenHash !== undefined && !isHashOf(this.#tokenHash, token)) throw unauthorized();
    if (body.machineId !== machineId) throw unauthorized();
    if (this.#isUsed) throw new Refusal(401, 'guest_token_used', 'the token was used before');
    if (body.protocol < PROTOCOL_VERSION - 1 || body.protocol > PROTOCOL_VERSION) {
      throw new Refusal(
        400,
        'protocol_unsupported',
        `the guest speaks protocol ${body.protocol}, this controller ${PROTOCOL_VERSION} and the one before`,
      );
    }
    const secret = newSecret();
    const known = { secretHash: toHash(secret), vncSecret: body.vncSecret };
    this.#keeper.said(known);
    this.#secretHash = known.secretHash;
    this.#vncSecret = known.vncSecret;
    this.bell.ring();
    return { protocol: PROTOCOL_VERSION, secret };
  }

  /** Throws Refusal unless `secret` is the agent's. */
  check(secret: string): void {
    if (!this.#secretHash || !isHashOf(this.#secretHash, secret)) throw unauthorized();
    if (this.#isUsed) return;
    this.#keeper.used();
    this.#isUsed = true;
  }
}

const FORGETFUL: GuestKeeper = { said: () => undefined, used: () => undefined };

export function unauthorized(): Refusal {
  return new Refusal(401, 'unauthorized', 'the token is missing or wrong');
}
