import { isDeepStrictEqual } from 'node:util';
import { RESIZE_LIMITS, type MachineConfig } from '#contract/machine-config';
import { PROTOCOL_VERSION } from '#contract/protocol';
import type { Config } from '../config.ts';
import type { MachineSpec } from '../machines/driver.ts';
import type { Body } from './beginning.ts';
import type { LiveMachine } from './live-machine.ts';

type Bootable = Pick<MachineSpec, 'image' | 'kernel'>;
type Wanted = Pick<Config, 'display' | 'resize' | 'video' | 'limits' | 'diskMib' | 'audio'>;

/** The same in all: a desktop does not know which one it is. */
const HOSTNAME = 'desktop';
const CONSOLE_MAX_BYTES = 1024 * 1024;

/** What the machine of a session is told. */
export function toConfig({ machineId, guestToken, slot }: LiveMachine, { display, resize, video, audio }: Wanted): MachineConfig {
  const media = { ...slot.media, ...video };
  // Left out where it says nothing new: an image of an older release refuses what it does not know.
  const shown = isDeepStrictEqual(resize, RESIZE_LIMITS) ? display : { ...display, resize };
  return { protocol: PROTOCOL_VERSION, machineId, hostname: HOSTNAME, token: guestToken, display: shown, media, ...(audio && { audio }) };
}

/** What it is made from. */
export function toBody(live: LiveMachine, { image, kernel }: Bootable, config: Wanted, lifetimeMs?: number): Body {
  return {
    machineId: live.machineId,
    runDir: live.runDir,
    image,
    kernel,
    hostname: HOSTNAME,
    netns: `/run/netns/${live.slot.guestNetns}`,
    hostUser: live.slot.hostUser,
    limits: config.limits,
    diskMib: config.diskMib,
    lifetimeS: lifetimeMs === undefined ? undefined : toLifetimeS(lifetimeMs),
    console: { path: live.consolePath, maxBytes: CONSOLE_MAX_BYTES },
  };
}

/** Seconds until its shim ends it: a little after a controller, which gives the session its reason, would. */
export function toLifetimeS(lifetimeMs: number): number {
  return Math.max(1, Math.ceil(lifetimeMs / 1000)) + SHIM_LATER_S;
}

const SHIM_LATER_S = 30;
