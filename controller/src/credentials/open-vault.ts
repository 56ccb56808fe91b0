import type { Logger } from 'pino';
import { createEnvelope } from '../auth/envelope.ts';
import { readMasterKeys } from '../auth/master-keys.ts';
import type { Config } from '../config.ts';
import type { CredentialTable } from '../store/credentials.ts';
import { Vault } from './vault.ts';

/** Where credentials are kept; all of them are put under the newest master key. */
export async function openVault({ keepMs, once, ...source }: Config['credentials'], table: CredentialTable, log: Logger): Promise<Vault> {
  const keys = await readMasterKeys(source);
  const newest = keys[0]!.id;
  const vault = new Vault({ table, envelope: createEnvelope(keys), keepMs, once });
  const { done, lost } = vault.rewrap(newest);
  if (done > 0) log.info({ key: newest, credentials: done }, 'credentials are under the new master key');
  if (lost > 0)
    log.error({ key: newest, credentials: lost }, 'credentials are sealed by a master key that is not among those that were given');
  return vault;
}
