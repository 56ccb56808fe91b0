import type { Logger } from 'pino';
import { at as atPoint } from '../fault-point.ts';
import type { MachineFacts, MachineState, MachineTable } from '../store/machines.ts';

/*
 *  recorded ──► started ──► running ──► ending ──► gone
 *      │           │                     ▲
 *      └───────────┴─────────────────────┘
 *
 *  recorded  written down; its network and its files are being made, no process of it is known
 *  started   its first process is known, by pid and start time: a controller after this one can go on with it
 *  running   the agent in it has said hello; in this state one of the warm pool is claimed, and is the session's from then on
 *  ending    it is being taken down, whoever does that
 *  gone      nothing of it is left; its row is removed, what it went through is kept
 *
 * A machine of the releases before has no state of its own: it is `recorded`, and `ending` next.
 */
const NEXT: Record<MachineState, readonly MachineState[]> = {
  // A guest may be quicker than the one who started it.
  recorded: ['started', 'running', 'ending', 'gone'],
  started: ['running', 'ending', 'gone'],
  // The agent may say hello again until its secret was used.
  running: ['running', 'ending', 'gone'],
  ending: ['gone'],
  gone: [],
};

/** The machines' records. Every transition of every machine goes through `move`. */
export interface MachineLedger {
  /** Gives a machine of the warm pool to a session; false, and nothing changed, when it is not to be had. */
  claim(machineId: string, sessionId: string, endsAt: string): boolean;
  /** False, and nothing changed, when the machine's state allows no such move. */
  move(machineId: string, to: Exclude<MachineState, 'recorded'>, who: string, why?: string, facts?: Partial<MachineFacts>): boolean;
}

export function createMachineLedger(table: MachineTable, log: Logger): MachineLedger {
  return {
    claim(machineId, sessionId, endsAt) {
      const move = { at: new Date().toISOString(), who: 'controller', why: `claimed by ${sessionId}` };
      const isClaimed = table.claim(machineId, sessionId, endsAt, move);
      if (isClaimed) atPoint('warm machine claimed');
      return isClaimed;
    },
    move(machineId, to, who, why, facts) {
      const row = table.read(machineId);
      if (!row || !NEXT[row.state].includes(to)) return false;
      const at = new Date().toISOString();
      if (to === 'gone') table.remove(machineId, { at, who, why });
      else table.move(machineId, { to, at, who, why }, facts);
      atPoint(`machine ${to}`);
      log.debug({ machine: machineId, from: row.state, to, who, why }, 'machine moved');
      return true;
    },
  };
}
