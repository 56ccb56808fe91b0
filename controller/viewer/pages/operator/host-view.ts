import type { Host } from '#contract/host';
import { make, setText } from './dom.ts';
import { toGib } from './words.ts';

/** The host in a line, and below it what keeps sessions from starting. */
export function drawHost(facts: HTMLElement, problems: HTMLElement, host: Host): void {
  facts.replaceChildren(...toFacts(host).flatMap(([name, value, isBad]) => toPair(name, value, isBad)));
  const wrong = Object.entries(host.checks).filter(([, state]) => state !== 'ok');
  setText(problems, wrong.map(([check, state]) => `No session can start. ${check}: ${state}`).join('\n'));
}

export function toFacts({ slots, upstreams, cpu, memory, disk, driver, image, version, instance }: Host): [string, string, boolean][] {
  const load = cpu.load[0] ?? 0;
  return [
    ['Slots', `${slots.used} of ${slots.all}`, slots.used >= slots.all],
    ...(upstreams ? [toUpstreams(upstreams)] : []),
    ['Load', `${load.toFixed(2)} on ${cpu.cores} cores`, load > 2 * cpu.cores],
    ['Memory', `${toGib(memory.availableMib)} of ${toGib(memory.totalMib)} free`, memory.availableMib < memory.totalMib / 20],
    ['Disk', `${toGib(disk.freeMib)} of ${toGib(disk.totalMib)} free`, disk.freeMib < disk.totalMib / 20],
    ['Driver', driver.name, false],
    ['Image', image ? `${image.id.slice(0, 8)}, ${image.ageDays} d old` : 'none', !image],
    ['Version', `${version} (${instance})`, false],
  ];
}

function toUpstreams({ free, leased, cooling, unwell }: NonNullable<Host['upstreams']>): [string, string, boolean] {
  const parts = [`${free} free`, `${leased} in use`, `${cooling} cooling`, ...(unwell > 0 ? [`${unwell} not well`] : [])];
  return ['Upstreams', parts.join(', '), free === 0 || unwell > 0];
}

function toPair(name: string, value: string, isBad: boolean): HTMLElement[] {
  return [make('div', isBad ? { class: 'bad' } : {}, make('dt', {}, name), make('dd', {}, value))];
}
