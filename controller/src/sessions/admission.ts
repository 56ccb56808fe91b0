import type { Config } from '../config.ts';
import { HostFull } from './errors.ts';

/** What the host has, at the moment of a start. */
export interface HostRoom {
  /** Sessions that hold a slot. */
  sessions: number;
  /** Memory that programs can still get, MiB. */
  availableMib: number;
  /** Memory that the machines hold already, MiB. */
  usedMib: number;
  /** Share of the last minute in which a program had to wait for a processor, 0 to 100. */
  cpuPressure: number;
}

export type Limits = Pick<Config, 'maxSessions' | 'limits' | 'admission'>;
export type Shortage = 'slots' | 'memory' | 'cpu';

/** What one more session would lack: how much there is, and how much is needed. */
export interface Refused {
  of: Shortage;
  there: number;
  needed: number;
}

/**
 * Whether one more session fits; undefined when it does.
 *
 *   slots    sessions that may run beside each other
 *   memory   available − (promised to the machines that there are − what they hold of it) ≥ one more promise + the reserve
 *   cpu      share of the last minute in which nobody had to wait
 *
 * A promise is the machine's limit times a share: few desktops use all that they may.
 */
export function planAdmission(room: HostRoom, { maxSessions, limits, admission }: Limits): Refused | undefined {
  const { sessions, availableMib, usedMib, cpuPressure } = room;
  if (sessions >= maxSessions) return { of: 'slots', there: maxSessions - sessions, needed: 1 };
  const promise = Math.ceil(limits.memoryMib * admission.memoryShare);
  const free = availableMib - Math.max(0, sessions * promise - usedMib);
  const needed = promise + admission.reserveMib;
  if (free < needed) return { of: 'memory', there: Math.max(0, free), needed };
  if (cpuPressure > admission.cpuPressureMost) return { of: 'cpu', there: 100 - cpuPressure, needed: 100 - admission.cpuPressureMost };
  return undefined;
}

/** The refusal as the caller reads it: which, how much there is, how much is needed. */
export function toRefusal({ of, there, needed }: Refused, sessions: number): HostFull {
  const running = `${sessions} sessions run on this host, it holds no more`;
  const lack: Record<Shortage, string> = {
    slots: `of slots ${there} are free, ${needed} is needed`,
    memory: `of memory ${there} MiB are free and not promised, ${needed} MiB are needed`,
    cpu: `processors were free for ${Math.round(there)} % of the last minute, ${needed} % are needed`,
  };
  return new HostFull(of, `${running}: ${lack[of]}`);
}
