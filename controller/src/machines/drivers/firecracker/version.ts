export type Version = readonly [major: number, minor: number, patch: number];

/** 1.16.0 leaves a guest's devices dead after a restore (firecracker-microvm/firecracker#5969). */
export const MINIMUM: Version = [1, 16, 1];

/** Reads what `firecracker --version` and `jailer --version` print, and what the API answers; undefined when there is none in it. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /(?:^|[\sv])(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

export function isOlder(version: Version, than: Version): boolean {
  const at = version.findIndex((part, i) => part !== than[i]);
  return at !== -1 && version[at]! < than[at]!;
}

export function toVersionText(version: Version): string {
  return version.join('.');
}
