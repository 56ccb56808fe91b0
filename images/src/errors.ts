/** A failure that the person at the build can act on: its message says how. Shown without a stack. */
export class BuildError extends Error {
  override readonly name: string = 'BuildError';
  /** Exit code of the command. */
  readonly exitCode: number = 1;
}

/** A locked package is on no mirror any more. `just lock` is the way on; scripts tell it by the exit code. */
export class PackageVanished extends BuildError {
  override readonly name = 'PackageVanished';
  override readonly exitCode = 75;
}

export class LockInvalid extends BuildError {
  override readonly name = 'LockInvalid';
}

export class NoDebianMirror extends BuildError {
  override readonly name = 'NoDebianMirror';
}

/** A command ended with another exit code than 0. */
export class CommandFailed extends BuildError {
  override readonly name = 'CommandFailed';
}

/** The image does not have what the guest needs. */
export class ImageIncomplete extends BuildError {
  override readonly name = 'ImageIncomplete';
}

/** The kernel's config is not the one that is committed, or lacks what was asked for. */
export class KernelConfigDiffers extends BuildError {
  override readonly name = 'KernelConfigDiffers';
}
