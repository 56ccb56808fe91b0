import type { DriverCheck } from '../../driver.ts';
import { COMMON_COMMANDS, readCommonFacts, toCommonMissing, type CommonFacts } from '../../host-check.ts';
import { loadTun, TUN_MISSING } from '../../vm/tun.ts';

const COMMANDS = { ...COMMON_COMMANDS, 'qemu-system-x86_64': 'qemu-system-x86', 'mkfs.ext4': 'e2fsprogs', setpriv: 'util-linux' };

/** Facts about the host, as they were read; kept apart from their judgement so that this can be tested. */
export interface QemuFacts extends CommonFacts {
  hasTun: boolean;
}

/** What this host lacks for QEMU; whether KVM works is another question. */
export async function checkHost(): Promise<DriverCheck> {
  const missing = toMissing({ ...(await readCommonFacts(COMMANDS)), hasTun: await loadTun() });
  return { ok: missing.length === 0, missing };
}

export function toMissing(facts: QemuFacts): string[] {
  return [...toCommonMissing(facts, COMMANDS), ...(facts.hasTun ? [] : [TUN_MISSING])];
}
