import type { Session } from '#contract/session';
import type { Sealer } from '../auth/seal.ts';
import type { MachineRow, MachineTable } from '../store/machines.ts';
import type { GuestKeeper } from './guest-link.ts';
import type { KnownMachine } from './live-machine.ts';
import type { MachineLedger } from './machine-states.ts';

/** Writes down what another controller has to know of a guest. */
export function toGuestKeeper(machineId: string, machines: MachineLedger, table: MachineTable, sealer: Sealer): GuestKeeper {
  return {
    said({ secretHash, vncSecret }) {
      const facts = { secretHash, vncSecretSealed: sealer.seal(vncSecret, machineId) };
      machines.move(machineId, 'running', 'guest', 'said hello', facts);
    },
    used: () => table.forgetToken(machineId),
  };
}

/** What was written down, as far as it can be read: a desktop whose secret for VNC cannot be opened is without VNC. */
export function toKnownMachine(row: MachineRow, { services, marks }: Pick<Session, 'services' | 'marks'>, sealer: Sealer): KnownMachine {
  const { machineId, runDir, tokenHash, secretHash, vncSecretSealed, warmKey } = row;
  const vncSecret = vncSecretSealed === undefined ? undefined : sealer.open(vncSecretSealed, machineId);
  return {
    machineId,
    runDir,
    guest: { tokenHash, secretHash, vncSecret },
    status: { services, marks, peers: [] },
    isWarm: warmKey !== undefined,
  };
}
