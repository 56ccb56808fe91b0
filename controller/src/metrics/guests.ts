import { Counter, type Registry } from 'prom-client';
import { DOOR_REFUSALS, GUEST_DOORS, type GuestStatus } from '#contract/guest';

type Refused = GuestStatus['refused'];

export interface GuestMeter {
  /** `code` of the refusal, or `ok`. */
  hello(code: string): void;
  /** What a guest's doors have refused: as it was told before, and as it is told now. */
  refused(before: Refused, now: Refused): void;
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
  const refusals = new Counter({
    name: 'oriel_guest_refusals_total',
    help: 'Requests that what a guest serves to the controller alone has refused, by door and by why; as guests tell it',
    labelNames: ['door', 'reason'],
    registers,
  });
  for (const door of GUEST_DOORS) for (const reason of DOOR_REFUSALS) refusals.inc({ door, reason }, 0);
  return {
    hello: (result) => hellos.inc({ result }),
    refused(before, now) {
      for (const door of GUEST_DOORS)
        for (const reason of DOOR_REFUSALS) refusals.inc({ door, reason }, toMore(before?.[door]?.[reason], now?.[door]?.[reason]));
    },
  };
}

/** A count that became less is one that began anew. */
function toMore(before = 0, now = 0): number {
  return now >= before ? now - before : now;
}
