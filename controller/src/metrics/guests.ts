import { Counter, type Registry } from 'prom-client';

export interface GuestMeter {
  /** `code` of the refusal, or `ok`. */
  hello(code: string): void;
}

/** How agents in machines come in. */
export function createGuestMeter(registers: Registry[]): GuestMeter {
  const hellos = new Counter({
    name: 'oriel_guest_hellos_total',
    help: 'Agents that said hello: ok, or the code of the refusal',
    labelNames: ['result'],
    registers,
  });
  hellos.inc({ result: 'ok' }, 0);
  return { hello: (result) => hellos.inc({ result }) };
}
