import type { WaysOut } from '../egress/ways-out.ts';
import type { Slot } from '../net/slot.ts';
import type { Snapshots } from '../machines/snapshots.ts';
import type { MachineDriver, MachineImage, MachineKernel } from '../machines/driver.ts';

/** What a session's machine is made with. The process builds the real one, tests give one of their own. */
export interface Machinery {
  driver: MachineDriver;
  findImage(): Promise<MachineImage>;
  /** What virtual machines boot. */
  findKernel(): Promise<MachineKernel>;
  /** Calls `onMade` when the namespaces are there, which lead nowhere yet. */
  createCloneNetwork(slot: Slot, onMade: () => void): Promise<void>;
  /** Also for a network half made, or not made at all. */
  removeCloneNetwork(slot: Slot): Promise<void>;
  /** Slots that have anything left; throws when that cannot be told. */
  listCloneNetworks(): Promise<number[]>;
  /** The ways out. */
  egress: WaysOut;
  /** Where machines are written down that others begin as copies of; every machine boots without. */
  snapshots?: Snapshots | undefined;
  /** Opens the guest endpoint of this slot; resolves to its close. */
  openGuestListener(slot: Slot): Promise<() => Promise<void>>;
  readConsole(path: string): Promise<string>;
  /** Calls `onLine` for each line of the console, from its beginning, until `signal` aborts. */
  watchConsole(path: string, onLine: (line: string) => void, signal: AbortSignal): unknown;
}
