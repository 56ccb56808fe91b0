import type { MachineConfig } from '#contract/machine-config';

export const CONFIG: MachineConfig = {
  protocol: 1,
  machineId: 'm-abcdefgh2345',
  hostname: 'desk1',
  token: 'T'.repeat(43),
  display: { width: 1280, height: 720 },
  media: { portMin: 20000, portMax: 20031, bitrateKbps: 4000, framerate: 30 },
};
