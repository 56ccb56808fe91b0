import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { RELEASE, SUMS } from '../release/release.ts';
import type { SecretReference, SshSettings } from './schemas.ts';
import type { Settings } from './settings.ts';

/** What is alike in a file of settings: entries by name, each of which is a stack. */
export interface Section<T> {
  /** Of one entry. */
  schema: TSchema;
  /** The entry with its paths made absolute by `at`. */
  fromFolder(entry: T, at: At): T;
  /** What a schema cannot say: a sentence for each mistake, that begins with the field. */
  findProblems(entry: T, others: Others): string[];
}

/** Entries that are well formed; whether one is there at all; whether all of a section are. */
export interface Others {
  settings: Settings;
  has(section: keyof Settings, name: string): boolean;
  isWhole(section: keyof Settings): boolean;
}

export type At = (path: string) => string;

export function sshFromFolder(ssh: SshSettings, at: At): SshSettings {
  return { ...ssh, knownHostsFile: at(ssh.knownHostsFile), ...(ssh.identityFile && { identityFile: at(ssh.identityFile) }) };
}

/** Whether both lead to one machine: behind one address, another port is another. */
export function isSameMachine(a: SshSettings, b: SshSettings): boolean {
  return a.address === b.address && (a.port ?? 22) === (b.port ?? 22);
}

export function secretFromFolder(reference: SecretReference, at: At): SecretReference {
  return 'file' in reference ? { file: at(reference.file) } : reference;
}

export function findSshProblems({ knownHostsFile, identityFile }: SshSettings): string[] {
  return findMissing({ 'ssh.knownHostsFile': knownHostsFile, 'ssh.identityFile': identityFile });
}

export function findSecretProblems(field: string, reference: SecretReference | undefined): string[] {
  return reference && 'file' in reference ? findMissing({ [field]: reference.file }) : [];
}

/** Of a folder that is to be a release, by the two files that each has. */
export function findReleaseProblems(release: string): string[] {
  const missing = [RELEASE, SUMS].filter((name) => !existsSync(join(release, name)));
  return missing.length > 0 ? [`release: ${release} has no ${missing.join(', no ')}: it is no release (just release)`] : [];
}

/** Of files by field: those that are not there. */
export function findMissing(files: Record<string, string | undefined>): string[] {
  return Object.entries(files).flatMap(([field, path]) => (path && !existsSync(path) ? [`${field}: there is no ${path}`] : []));
}
