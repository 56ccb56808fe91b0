import { JAIL, type SnapshotFiles } from './paths.ts';
import { RATE_LIMITS } from './rate-limits.ts';

/** One call of Firecracker's API, as plain data. */
export interface ApiRequest {
  method: 'GET' | 'PUT' | 'PATCH';
  path: string;
  body?: Readonly<Record<string, unknown>>;
}

export interface BootPlan {
  cpus: number;
  memoryMib: number;
  kernelLine: string;
  mac: string;
}

const TAP = 'tap0';
/** Firecracker has no more. */
const MAX_CPUS = 32;
/** How often a guest tells how its memory is used, s. */
const BALLOON_STATISTICS_S = 10;

/**
 * All that makes a machine, in order; the last one lets it go. The logger comes first of all: below this level Firecracker logs each
 * call with its body, and the kernel line has the machine's token.
 */
export function toBootRequests(plan: BootPlan): ApiRequest[] {
  return [
    ...toListenRequests(),
    // The console is its standard output: the shim bounds what is kept, this bounds what is sent.
    put('/serial', { rate_limiter: RATE_LIMITS.serial }),
    put('/machine-config', { vcpu_count: Math.min(plan.cpus, MAX_CPUS), mem_size_mib: plan.memoryMib, smt: false }),
    put('/boot-source', { kernel_image_path: JAIL.kernel, boot_args: plan.kernelLine }),
    // vda, vdb: named in this order. Neither is marked as root: Firecracker would add a `root=` behind the one that has the root hash.
    drive('rootfs', JAIL.rootfs, { is_read_only: true, rate_limiter: RATE_LIMITS.rootfs }),
    // Nothing of it outlives the machine, so nothing is flushed.
    drive('overlay', JAIL.overlay, { is_read_only: false, cache_type: 'Unsafe', rate_limiter: RATE_LIMITS.overlay }),
    put('/network-interfaces/eth0', {
      iface_id: 'eth0',
      host_dev_name: TAP,
      guest_mac: plan.mac,
      rx_rate_limiter: RATE_LIMITS.network,
      tx_rate_limiter: RATE_LIMITS.network,
    }),
    put('/entropy', { rate_limiter: RATE_LIMITS.entropy }),
    // Takes nothing by itself; memory that the guest frees goes back to the host.
    put('/balloon', {
      amount_mib: 0,
      deflate_on_oom: true,
      stats_polling_interval_s: BALLOON_STATISTICS_S,
      free_page_reporting: true,
    }),
    put('/actions', { action_type: 'InstanceStart' }),
  ];
}

/**
 * All that makes a machine that was written down, in order. Limits of disks, network and entropy, and the balloon with its statistics,
 * are in its state. Logger and metrics are not, and are all that may be set before (`/snapshot/load` in the description). So the serial
 * port has lost its limit: what the shim keeps of the console is bounded, and what it costs is the machine's own time.
 */
export function toRestoreRequests(files: SnapshotFiles): ApiRequest[] {
  return [...toListenRequests(), loadSnapshot(files)];
}

export function getVersion(): ApiRequest {
  return { method: 'GET', path: '/version' };
}

export function getMachineConfig(): ApiRequest {
  return { method: 'GET', path: '/machine-config' };
}

export function getInstance(): ApiRequest {
  return { method: 'GET', path: '/' };
}

export function getBalloonStatistics(): ApiRequest {
  return { method: 'GET', path: '/balloon/statistics' };
}

/** Metrics come by themselves once a minute; this makes them come now. */
export function flushMetrics(): ApiRequest {
  return put('/actions', { action_type: 'FlushMetrics' });
}

export function setBalloon(amountMib: number): ApiRequest {
  return { method: 'PATCH', path: '/balloon', body: { amount_mib: amountMib } };
}

export function pauseVm(): ApiRequest {
  return { method: 'PATCH', path: '/vm', body: { state: 'Paused' } };
}

export function resumeVm(): ApiRequest {
  return { method: 'PATCH', path: '/vm', body: { state: 'Resumed' } };
}

/** Of a machine that is paused. */
export function createSnapshot({ state, memory }: SnapshotFiles): ApiRequest {
  return put('/snapshot/create', { snapshot_type: 'Full', snapshot_path: state, mem_file_path: memory });
}

/**
 * Into a Firecracker that was told nothing but its logger and metrics. The drives are found at the paths that they had, the tap by the
 * name that it had: the same in every jail. The guest's clock goes on from where it stood: a jump of hours would set off every timer and
 * watchdog in it, and needs Linux 5.16. The time is told to it at its gate.
 */
export function loadSnapshot({ state, memory }: SnapshotFiles): ApiRequest {
  return put('/snapshot/load', {
    snapshot_path: state,
    // Mapped, private: what no copy has written to is one page cache for all of them.
    mem_backend: { backend_type: 'File', backend_path: memory },
    network_overrides: [{ iface_id: 'eth0', host_dev_name: TAP }],
    resume_vm: true,
    clock_realtime: false,
  });
}

/** First of all, and the same for every machine. */
function toListenRequests(): ApiRequest[] {
  return [
    put('/logger', { log_path: JAIL.log, level: 'Warning', show_level: true, show_log_origin: false }),
    put('/metrics', { metrics_path: JAIL.metrics }),
  ];
}

function put(path: string, body: NonNullable<ApiRequest['body']>): ApiRequest {
  return { method: 'PUT', path, body };
}

function drive(id: string, path: string, more: NonNullable<ApiRequest['body']>): ApiRequest {
  return put(`/drives/${id}`, { drive_id: id, path_on_host: path, is_root_device: false, io_engine: 'Sync', ...more });
}
