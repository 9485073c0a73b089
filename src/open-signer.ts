/** Opens the configured signer of receipts. */
import type { Config } from './platform/start/config.ts'
import { unfitRetiredKeys, unfitSigningKey } from './platform/failures.ts'
import { loadOrMakeSigningKey, loadRetiredKeys, openSigner, type Signer } from './platform/ledger/receipts.ts'

/** Throws a start failure. */
export async function openConfiguredSigner({ signingKeyFile, retiredKeysFolder }: Config): Promise<Signer> {
  const retired = await loadRetiredKeys(retiredKeysFolder).catch((error: unknown) => {
    throw unfitRetiredKeys(retiredKeysFolder, error)
  })
  try {
    return openSigner(await loadOrMakeSigningKey(signingKeyFile), retired)
  } catch (error) {
    throw unfitSigningKey(signingKeyFile, error)
  }
}
