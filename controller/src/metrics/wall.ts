import { Counter, type Registry } from 'prom-client';
import type { WallCounts } from '../net/wall-totals.ts';
import { ifPossible } from './if-possible.ts';

export type WallSource = () => Promise<WallCounts>;

/** What the walls of all clones refused, those included that are gone. */
export function measureWall(registers: Registry[], readWall: WallSource): void {
  new Counter({
    name: 'oriel_wall_dropped_packets_total',
    help: 'Packets of guests that their walls refused, by class: see WALL_CLASSES in controller/src/net/wall.ts',
    labelNames: ['class'],
    registers,
    collect() {
      return ifPossible(async () => {
        const counts = await readWall();
        this.reset();
        for (const [name, count] of Object.entries(counts)) this.inc({ class: name }, count);
      });
    },
  });
}
