import type { StoreSettings } from '../settings/image-store.ts';
import { toDirectoryStore } from './directory-store.ts';
import { toS3Store } from './s3-store.ts';
import { toSshStore } from './ssh-store.ts';

/** What keeps objects by key. One that is under its key is whole: what breaks off leaves nothing there. */
export interface Store {
  has(key: string): Promise<boolean>;
  /** Puts a file's bytes there; they have this sha256. */
  put(key: string, path: string, sha256: string): Promise<void>;
  /** Writes an object's bytes to a file. Throws StoreFailed when there is none. */
  get(key: string, path: string): Promise<void>;
}

/** The store that settings name. Throws SecretMissing. */
export function toStore(settings: StoreSettings, env: NodeJS.ProcessEnv): Promise<Store> | Store {
  if ('directory' in settings) return toDirectoryStore(settings.directory);
  return 'ssh' in settings ? toSshStore(settings) : toS3Store(settings.s3, env);
}

/** Where it is, for people. */
export function toPlace(settings: StoreSettings): string {
  if ('directory' in settings) return settings.directory;
  if ('ssh' in settings) return `${settings.ssh.address}:${settings.folder}`;
  const { endpoint, bucket, prefix = '' } = settings.s3;
  return `${endpoint}/${bucket}/${prefix}`;
}
