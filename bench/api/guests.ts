import { GUEST_NETWORK } from '#contract/network';
import { fromKernelArgs } from '#contract/kernel-line';
import type { GuestStatus, HelloReply, SignalsReply } from '#contract/guest';
import { toSlot } from '../../controller/src/net/slot.ts';
import { NEEDED_SERVICES } from '../../controller/src/sessions/readiness.ts';
import type { Booted } from '../../test/kit/fake-machines/light-driver.ts';
import { Connections } from '../kit/http.ts';
import { SDP } from './sdp.ts';

const READY: GuestStatus = {
  services: NEEDED_SERVICES.map((name) => ({ name, state: 'ready', sinceMs: 5, restarts: 0 })),
  marks: { agent: 5 },
  peers: [],
};

/** The agents of all fake machines: each says hello, is ready, and answers an offer as soon as it has it. */
export class Guests {
  readonly #connections = new Connections();
  readonly #life = new AbortController();
  /** What went wrong, once each: a bench with errors has measured something else. */
  readonly errors = new Set<string>();

  play({ slot, configArg }: Booted): void {
    this.#live(`http://${toSlot('oriel', slot).hostAddress}:${GUEST_NETWORK.guestEndpointPort}/guest`, configArg).catch((error: Error) => {
      if (!this.#life.signal.aborted) this.errors.add(`guest: ${error.message}`);
    });
  }

  stop(): void {
    this.#life.abort();
    this.#connections.close();
  }

  async #live(endpoint: string, configArg: string): Promise<void> {
    const { token, machineId, protocol } = fromKernelArgs(configArg);
    const hello = await this.#ask<HelloReply>(endpoint, 'hello', token, { protocol, machineId, vncSecret: 'v'.repeat(43) });
    await this.#ask(endpoint, 'status', hello.secret, READY);
    const ask = (cursor: number, wait: number) =>
      this.#ask<SignalsReply>(endpoint, `signals?after=${cursor}&wait=${wait}`, hello.secret, undefined, wait);
    let { cursor, wait = 25 } = await ask(0, 0);
    // Guests of all ages: what a few seconds show is then what they cost on the whole.
    wait *= Math.random();
    while (!this.#life.signal.aborted) {
      const reply = await ask(cursor, wait);
      ({ cursor, wait = 25 } = reply);
      for (const signal of reply.signals) {
        if (signal.kind !== 'offer') continue;
        const { offerId, peerId } = signal;
        await this.#ask(endpoint, 'answer', hello.secret, { answer: { type: 'answer', sdp: SDP }, candidates: [], offerId, peerId });
      }
    }
  }

  async #ask<T>(endpoint: string, path: string, bearer: string, body?: unknown, wait = 0): Promise<T> {
    const method = body === undefined ? 'GET' : 'POST';
    const timeoutMs = (wait + 60) * 1000;
    const { status, text } = await this.#connections.ask({ method, url: `${endpoint}/${path}`, bearer, body, timeoutMs });
    if (status >= 400) throw new Error(`${path}: ${status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
