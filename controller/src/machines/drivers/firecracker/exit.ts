import type { MachineExit } from '../../driver.ts';

/** Codes that Firecracker ends with when it takes a signal itself (FcExitCode, src/vmm/src/lib.rs). A shell would call them signals. */
const REASONS: Record<number, string> = {
  148: 'made a system call that its seccomp filter forbids',
  149: 'caught SIGBUS: the host had no memory or no disk for a page of the guest',
  150: 'caught SIGSEGV',
  151: 'caught SIGXFSZ: a file would have grown beyond its limit',
  152: 'was configured badly',
  153: 'did not understand its arguments',
  154: 'caught SIGXCPU',
  155: 'caught SIGPIPE',
  156: 'caught SIGHUP',
  157: 'caught SIGILL',
};

/** The exit of a Firecracker in words. */
export function explainCode(exit: MachineExit): MachineExit {
  const reason = REASONS[exit.code ?? -1];
  return reason === undefined ? exit : { ...exit, reason: `Firecracker ${reason} (exit code ${exit.code})` };
}
