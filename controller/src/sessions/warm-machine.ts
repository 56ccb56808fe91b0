import { createHash } from 'node:crypto';
import { PROTOCOL_VERSION } from '#contract/protocol';
import type { Config } from '../config.ts';
import { planBoot, type BootDeps } from './boot-machine.ts';
import { guestPhases, runPhases } from './guest-phases.ts';
import type { LiveMachine } from './live-machine.ts';
import type { Machinery } from './machinery.ts';
import { NO_BOOK } from './phase.ts';
import { takeUpMachine, type Found } from './take-up.ts';
import { openGuestEndpoint } from './ways.ts';

export type WarmConfig = BootDeps['config'] & Pick<Config, 'kernelArgs' | 'publicAddresses' | 'warm'>;
export type WarmDeps = BootDeps & { config: WarmConfig };

/**
 * What a machine that boots now is made of, as a hash: a session claims only one that is as its own would be. Throws when there is no
 * image.
 */
export async function readWarmKey({ driver, findImage, findKernel }: Machinery, config: WarmConfig): Promise<string> {
  const image = await findImage();
  const kernel = driver.isolation === 'shared-kernel' ? undefined : await findKernel();
  const { display, resize, video, limits, diskMib, kernelArgs, publicAddresses, timeoutMs, warm, audio } = config;
  const made = [
    PROTOCOL_VERSION,
    image.id,
    kernel?.id ?? null,
    driver.name,
    display,
    resize,
    video,
    limits,
    diskMib,
    kernelArgs,
    ...(audio ? ['audio'] : []),
  ];
  // Its wall lets users elsewhere in or not, and its shim was told how long it may live.
  const facts = [...made, publicAddresses.length > 0, timeoutMs.session, warm.maxAgeMs];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** From nothing to a desktop that nobody looks at. It has no way out: nothing leaves it before it is claimed. */
export async function warmUp(live: LiveMachine, warmKey: string, deps: WarmDeps): Promise<void> {
  const { timeoutMs, warm } = deps.config;
  // Its shim is told once: it knows the longest that pool and session together can take.
  const longestMs = warm.maxAgeMs + timeoutMs.session;
  const endsAt = new Date(Date.now() + longestMs).toISOString();
  const openWays = () => openGuestEndpoint(live, deps);
  const boot = await planBoot(live, deps, { endsAt, readLifetimeMs: () => longestMs, warmKey, openWays });
  await runPhases(live, NO_BOOK, deps, boot);
}

/** The same, of one that a controller before this one had in its pool. `onServed` is called when its guest is listened to. */
export async function keepWarm(live: LiveMachine, found: Found, deps: WarmDeps, onServed: () => void): Promise<void> {
  await takeUpMachine(live, found, deps, () => openGuestEndpoint(live, deps));
  onServed();
  // The guest tells all that it knows again, as soon as it hears this controller.
  await runPhases(live, NO_BOOK, deps, guestPhases(live));
}
