import type { DriverCheck } from '../../driver.ts';
import { COMMON_COMMANDS, readCommonFacts, toCommonMissing, type CommonFacts } from '../../host-check.ts';
import { loadTun, TUN_MISSING } from '../../vm/tun.ts';
import { HOW_TO_GET, readVersion } from './programs.ts';
import { isOlder, MINIMUM, parseVersion, toVersionText, type Version } from './version.ts';

const COMMANDS = { ...COMMON_COMMANDS, 'mkfs.ext4': 'e2fsprogs' };

/** Facts about the host, as they were read; kept apart from their judgement so that this can be tested. */
export interface FirecrackerFacts extends CommonFacts {
  hasTun: boolean;
  /** What each program prints when asked; undefined when it is not there. */
  firecracker: string | undefined;
  jailer: string | undefined;
}

/** What this host lacks for Firecracker; whether KVM works is another question. */
export async function checkHost(): Promise<DriverCheck> {
  const [common, hasTun, firecracker, jailer] = await Promise.all([
    readCommonFacts(COMMANDS),
    loadTun(),
    readVersion('firecracker'),
    readVersion('jailer'),
  ]);
  const missing = toMissing({ ...common, hasTun, firecracker, jailer });
  return { ok: missing.length === 0, missing };
}

export function toMissing(facts: FirecrackerFacts): string[] {
  return [...toCommonMissing(facts, COMMANDS), ...(facts.hasTun ? [] : [TUN_MISSING]), ...toMissingPrograms(facts)];
}

function toMissingPrograms({ firecracker, jailer }: FirecrackerFacts): string[] {
  const vmm = parseVersion(firecracker ?? '');
  const jail = parseVersion(jailer ?? '');
  const problems = [...judge('firecracker', vmm), ...judge('jailer', jail)];
  if (problems.length > 0) return [`${problems.join(', ')}: ${HOW_TO_GET}`];
  // A jailer jails the Firecracker of its own release (docs/jailer.md).
  const [vmmText, jailText] = [toVersionText(vmm!), toVersionText(jail!)];
  return vmmText === jailText ? [] : [`firecracker ${vmmText} and jailer ${jailText} are not of one release: ${HOW_TO_GET}`];
}

function judge(name: string, version: Version | undefined): string[] {
  const wanted = `${toVersionText(MINIMUM)} or later`;
  if (version === undefined) return [`${name} ${wanted}`];
  return isOlder(version, MINIMUM) ? [`${name} ${wanted} (here is ${toVersionText(version)})`] : [];
}
