import type { KeyTable } from '../store/keys.ts';
import { isHashOf, toHash } from './hash.ts';

export interface ApiKeys {
  /** The name of the key, or undefined when it is none of ours. */
  verify(key: string): string | undefined;
}

/** The keys in the store, and the start-up key, which lives as long as this process. Only hashes are kept. */
export function createApiKeys(table: Pick<KeyTable, 'find'>, startUpKey: string): ApiKeys {
  const startUpHash = toHash(startUpKey);
  return {
    verify(key) {
      if (isHashOf(startUpHash, key)) return 'start-up';
      return table.find(toHash(key), new Date().toISOString())?.name;
    },
  };
}
