import type { Config } from '../config.ts';
import type { BootTime } from '../host/boot-time.ts';
import type { Store } from '../store/store.ts';
import { planBoot } from './boot-machine.ts';
import { runPhases } from './guest-phases.ts';
import type { Ledger } from './ledger.ts';
import type { LiveSession } from './live-session.ts';
import type { MachineLedger } from './machine-states.ts';
import type { Machinery } from './machinery.ts';
import { patiently } from './patiently.ts';
import { toBook } from './phase.ts';
import type { StepLimits } from './step-limits.ts';
import { openWays } from './ways.ts';

export interface BringUpDeps {
  config: Pick<Config, 'dataDir' | 'display' | 'resize' | 'video' | 'limits' | 'diskMib' | 'timeoutMs' | 'audio'>;
  machinery: Machinery;
  store: Pick<Store, 'machines' | 'sessions' | 'later'>;
  ledger: Ledger;
  machines: MachineLedger;
  stepLimits: StepLimits;
  /** How long there has been a session of this id, ms. */
  readAge: (id: string) => number;
  readBootTime: () => BootTime;
}

/** From a record to a desktop that can be viewed. Everything made is on the machine's undo stack; rejects with why it did not work. */
export async function bringUp(live: LiveSession, deps: BringUpDeps): Promise<void> {
  const { ledger, config, machinery } = deps;
  const { signal } = live.life;
  const createdAt = await patiently(() => ledger.read(live.id).createdAt, signal);
  const endsAt = new Date(Date.parse(createdAt) + config.timeoutMs.session).toISOString();
  const boot = await planBoot(live.machine, deps, {
    endsAt,
    readLifetimeMs: () => config.timeoutMs.session - deps.readAge(live.id),
    openWays: () => openWays(live.machine, deps),
    onRecorded(image) {
      const { name, isolation } = machinery.driver;
      ledger.setMachine(live.id, { machineId: live.machineId, driver: name, isolation, image });
    },
  });
  await patiently(() => ledger.move(live.id, 'vm_creating', 'controller'), signal);
  await runPhases(live.machine, toBook(live.id, ledger), deps, boot);
  await patiently(() => ledger.move(live.id, 'vm_created', 'controller'), signal);
}
