import { at } from '../fault-point.ts';
import { inTime } from '../host/in-time.ts';
import type { MachineRow } from '../store/machines.ts';
import { compareBirths } from './age.ts';
import { toFate, type Fate } from './fate.ts';
import type { Reason } from './ledger.ts';
import { look, reap, removeStrayNetworks, type RecoverDeps } from './recover.ts';
import { STEP_LIMITS } from './step-limits.ts';
import type { Found } from './take-up.ts';
import { OPEN_STATUSES } from './transitions.ts';

/** What a controller does with the sessions of one before it. */
export interface ResumeActs {
  /** Goes on with a machine; resolves when its guest is listened to. */
  adopt(row: MachineRow, found: Found): Promise<void>;
  /** Keeps a machine of the warm pool; resolves when its guest is listened to. */
  keepWarm(row: MachineRow, found: Found): Promise<void>;
  /** Begins again with a new machine. */
  again(sessionId: string): void;
  /** Writes down that it begins again; false when it did so too often. */
  mayBeginAgain(sessionId: string): boolean;
  fail(sessionId: string, reason: Reason): void;
  /** The slot of a machine that is neither this controller's nor gone. */
  keepOut(slot: number): void;
}

/** Of these the machine stays. */
const STAYS: readonly Fate[] = ['adopt', 'keep', 'warm'];

interface Judged {
  row: MachineRow;
  fate: Fate;
  found?: Found | undefined;
}

/**
 * Goes on where another controller ended, whatever that was doing: see fate.ts. What lives is served first; then what is left over is
 * taken down, and after that the rest is begun again.
 */
export async function resume(deps: RecoverDeps, acts: ResumeActs): Promise<void> {
  const { store, log, stepLimits = STEP_LIMITS } = deps;
  // One that hangs on its way must not keep all others from being served.
  const soon = ({ machineId }: MachineRow, act: Promise<void>) =>
    inTime(stepLimits.look, 'listening to its guest', act).catch((err: unknown) =>
      log.error({ err, machine: machineId }, 'machine is not taken up yet'),
    );
  at('recovery begun');
  const rows = store.machines.list();
  const open = new Set(store.sessions.list(OPEN_STATUSES));
  const judged = await judge(rows, deps);
  const of = (fate: Fate) => judged.filter((each) => each.fate === fate);
  await Promise.all([
    ...of('adopt').map(({ row, found }) => soon(row, acts.adopt(row, found!))),
    ...of('warm').map(({ row, found }) => soon(row, acts.keepWarm(row, found!))),
  ]);
  for (const { row } of of('keep')) acts.keepOut(row.slot);

  const settled = new Set([...of('adopt'), ...of('keep')].map(({ row }) => row.sessionId));
  const again = [...open].filter((id) => !settled.has(id) && maySurvive(id, deps, acts));
  for (const { row, fate } of judged) if (!STAYS.includes(fate) && !(await reap(row, deps))) acts.keepOut(row.slot);
  await removeStrayNetworks(deps).catch((error: unknown) => log.error({ err: error }, 'networks cannot be listed: none is removed'));
  for (const id of again) acts.again(id);
  if (rows.length + open.size === 0) return;
  at('recovery done');
  log.info(
    { adopted: of('adopt').length, warm: of('warm').length, begunAgain: again.length, kept: of('keep').length },
    'sessions of the controller before',
  );
}

/** Of several machines of a session the one recorded last is its own. */
async function judge(rows: readonly MachineRow[], deps: RecoverDeps): Promise<Judged[]> {
  const own = new Map(rows.toSorted(compareBirths).map((row) => [row.sessionId, row]));
  const judgeOne = async (row: MachineRow): Promise<Judged> => {
    const { sessionId } = row;
    const isOwn = sessionId !== undefined && own.get(sessionId) === row;
    const status = isOwn ? deps.store.sessions.read(sessionId)?.status : undefined;
    const known = toFate(status, row, 'unproven');
    if (known === 'reap' && sessionId !== undefined) return { row, fate: known };
    const [finding, found] = await look(row, deps);
    return { row, fate: toFate(status, row, finding), found };
  };
  return Promise.all(rows.map(judgeOne));
}

/** Whether a session without a machine can begin again; one that cannot has failed. */
function maySurvive(id: string, { store }: RecoverDeps, acts: ResumeActs): boolean {
  const status = store.sessions.read(id)?.status;
  if (toFate(status, undefined, 'unproven') === 'lose') {
    acts.fail(id, { code: 'controller_restarted', message: 'the controller was restarted, and the machine could not be found again' });
    return false;
  }
  if (acts.mayBeginAgain(id)) return true;
  acts.fail(id, { code: 'restarted_too_often', message: 'the controller ended again and again while the desktop was coming up' });
  return false;
}
