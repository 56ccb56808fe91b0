import type { Sources } from '../../src/metrics/metrics.ts';

/** Everything that a controller's metrics can be asked of. */
export const ALL_SOURCES: Sources = {
  store: { sessions: { countByStatus: () => ({ vm_created: 2 }) } },
  readSlots: () => ({ used: 1, all: 3 }),
  checkReady: async () => ({ ready: true, checks: { store: 'ok' } }),
  readLeftOver: () => ({ link: 0 }),
  readFreeMib: () => 1000,
  readImage: async () => ({ id: 'ab'.repeat(32), epoch: 1_700_000_000 }),
  readVmm: () => ({ 'net.rx_bytes_count': 7 }),
  readWarm: () => ({ booting: 1, ready: 2 }),
  readEgress: async () => ({ open: 1, slots: 2, connections: 3, bytesUp: 4, bytesDown: 5 }),
  readWall: async () => ({ flood: 1, spoofed: 2, foreign: 3, tcp: 4, udp: 5, icmp: 6, other: 7, new_rate: 8, connections: 9 }),
};
