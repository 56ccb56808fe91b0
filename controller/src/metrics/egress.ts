import { Counter, Gauge, type Registry } from 'prom-client';
import { REFUSALS } from '../egress/refused-kinds.ts';
import type { EgressTotals } from '../egress/totals.ts';

/** Since the egress process began; undefined while it is away. */
export type EgressSource = () => Promise<EgressTotals | undefined>;

/** The way out. The process counts; a new one begins at 0, which Prometheus understands. */
export function measureEgress(registers: Registry[], read: EgressSource): void {
  const totals = shareWhileAsked(read);
  const gauge = (name: string, help: string, toValue: (totals: EgressTotals | undefined) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(toValue(await totals()));
      },
    });
  gauge('oriel_egress_up', '1 while the egress process answers', (known) => (known ? 1 : 0));
  gauge('oriel_egress_connections', 'Connections of machines that are open', (known) => known?.open ?? 0);
  gauge('oriel_egress_slots', 'Machines that have a way out', (known) => known?.slots ?? 0);
  count(registers, 'oriel_egress_connections_total', 'Connections that machines have made', [], totals, ({ connections }) => [
    [{}, connections],
  ]);
  count(registers, 'oriel_egress_bytes_total', 'Bytes from machines (up) and to them (down)', ['direction'], totals, (known) => [
    [{ direction: 'up' }, known.bytesUp],
    [{ direction: 'down' }, known.bytesDown],
  ]);
  const help = 'Connections that machines asked for and did not get, by why: forbidden addresses and names, rules, limits';
  count(registers, 'oriel_egress_refusals_total', help, ['reason'], totals, ({ refused }) =>
    REFUSALS.map((reason) => [{ reason }, refused[reason] ?? 0]),
  );
}

function count(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: string[],
  totals: EgressSource,
  toValues: (totals: EgressTotals) => [labels: Record<string, string>, value: number][],
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers,
    async collect() {
      const known = await totals();
      this.reset();
      if (known) for (const [labels, value] of toValues(known)) this.inc(labels, value);
    },
  });
}

/** All of these are collected at the same moment: the process is asked once. */
function shareWhileAsked(read: EgressSource): EgressSource {
  let asking: ReturnType<EgressSource> | undefined;
  return () =>
    (asking ??= read()
      .catch(() => undefined)
      .finally(() => (asking = undefined)));
}
