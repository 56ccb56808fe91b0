import type { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { toEdgeService } from '../edge/service.ts';
import { toMonitoringService } from '../monitoring/service.ts';
import type { Settings } from '../settings/settings.ts';
import { toTurnService } from '../turn/service.ts';
import { HostStack } from './host-stack.ts';
import { ImageStack } from './image-stack.ts';
import { ImageStoreStack } from './image-store-stack.ts';
import { ServiceStack } from './service-stack.ts';

/** Makes an entry's stack. `settingsFile`: from the repository, for the commands of its steps. */
type Make<T> = (scope: Construct, name: string, settingsFile: string, entry: T, settings: Settings) => TerraformStack;

const MAKERS: { [Name in keyof Settings]: Make<Settings[Name][string]> } = {
  hosts: (scope, name, file, host) => new HostStack(scope, name, file, host),
  edge: (scope, name, settingsFile, entry, { hosts }) => {
    const host = hosts[entry.host]!;
    return new ServiceStack(scope, { kind: 'edge', name, settingsFile, ssh: host.ssh, service: toEdgeService(entry, host) });
  },
  monitoring: (scope, name, settingsFile, entry, settings) =>
    new ServiceStack(scope, { kind: 'monitoring', name, settingsFile, ssh: entry.ssh, service: toMonitoringService(entry, settings) }),
  image: (scope, name, file, image) => new ImageStack(scope, name, file, image),
  imageStore: (scope, name, file, store) => new ImageStoreStack(scope, name, file, store),
  turn: (scope, name, settingsFile, entry, settings) =>
    new ServiceStack(scope, { kind: 'turn', name, settingsFile, ssh: entry.ssh, service: toTurnService(entry, settings) }),
};

/** A stack for each entry of each section. */
export function makeStacks(scope: Construct, settingsFile: string, settings: Settings): TerraformStack[] {
  const makers = Object.entries(MAKERS) as [keyof Settings, Make<unknown>][];
  return makers.flatMap(([section, make]) =>
    Object.entries(settings[section]).map(([name, entry]) => make(scope, name, settingsFile, entry, settings)),
  );
}
