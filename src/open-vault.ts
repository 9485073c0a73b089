/** Opens the configured vault: the root key and the key database. */
import { provisionOwnKeys } from './provision-database.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import { requireFitForKeys } from './platform/vault/database.ts'
import { loadRoots, type Roots } from './platform/vault/roots.ts'
import { openKeyStore, type KeyStore } from './platform/vault/store.ts'
import { openVault, requireRoots, type Vault } from './platform/vault/vault.ts'
import { encryptedTables } from './features.ts'

export type OpenedVault = { vault: Vault; store: KeyStore; roots: Roots }

/** `keysUrl`: the database of the keys by the user of the service. Throws a start failure. */
export async function openConfiguredVault(
  config: Config,
  keysUrl: string | undefined = config.keysDatabaseUrl,
): Promise<OpenedVault> {
  const roots = await loadRoots(config)
  const store = openKeyStore(await requireFitForKeys(keysUrl))
  try {
    await requireRoots(store, roots)
    return { store, roots, vault: openVault({ store, roots, tables: encryptedTables, clock: systemClock }) }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Prepares the database of the keys in the embedded PostgreSQL, unless a setting names another one. */
export const provisionKeys = async (
  { keysDatabaseUrl }: Config,
  ownerUrl: string | undefined,
): Promise<string | undefined> => keysDatabaseUrl ?? (ownerUrl && (await provisionOwnKeys(ownerUrl)))
