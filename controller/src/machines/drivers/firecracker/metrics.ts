/** Each is what came since the line before (src/vmm/src/logger/metrics.rs): to be added up. */
export type VmmNumbers = Partial<Record<(typeof PICKED)[number], number>>;

/** Of some hundreds: what says that a machine runs into a limit, or into a fault. */
export const PICKED = [
  'uart.rate_limiter_dropped_bytes',
  'net.rx_bytes_count',
  'net.tx_bytes_count',
  'net.rx_rate_limiter_throttled',
  'net.tx_rate_limiter_throttled',
  'block.read_bytes',
  'block.write_bytes',
  'block.rate_limiter_throttled_events',
  'vcpu.failures',
  'seccomp.num_faults',
  'vmm.panic_count',
  'logger.missed_log_count',
  'logger.missed_metrics_count',
] as const;

/** Reads a line of Firecracker's metrics; undefined when it is none. It is the VMM's word: fields that are no numbers are left out. */
export function parseMetrics(line: string): VmmNumbers | undefined {
  const root = parse(line);
  if (typeof root?.utc_timestamp_ms !== 'number') return undefined;
  const numbers: VmmNumbers = {};
  for (const name of PICKED) {
    const [group, field] = name.split('.') as [string, string];
    const value = (root[group] as Record<string, unknown> | null | undefined)?.[field];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) numbers[name] = value;
  }
  return numbers;
}

/** What all machines of a driver came to. */
export function addNumbers(totals: VmmNumbers, more: VmmNumbers): void {
  for (const name of PICKED) if (more[name] !== undefined) totals[name] = (totals[name] ?? 0) + more[name];
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
