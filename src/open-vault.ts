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

/** `ownKeysUrl`: the database of the keys in the embedded PostgreSQL, by its owner. Throws a start failure. */
export async function openConfiguredVault(
  config: Config,
  ownKeysUrl: string | undefined,
): Promise<OpenedVault> {
  const roots = await loadRoots(config)
  const given = config.keysDatabaseUrl
  const own = ownKeysUrl !== undefined && given === undefined ? await provisionOwnKeys(ownKeysUrl) : given
  const store = openKeyStore(await requireFitForKeys(own))
  try {
    await requireRoots(store, roots)
    return { store, roots, vault: openVault({ store, roots, tables: encryptedTables, clock: systemClock }) }
  } catch (error) {
    await store.close()
    throw error
  }
}
