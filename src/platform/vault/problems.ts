import { Problem, refusal } from '../problems.ts'

export const erased = refusal({
  status: 410,
  code: 'erased',
  title: 'This was erased',
  advice:
    'It was erased for good together with its key, and nobody can restore it. If you need it, ask the person again.',
})

const noKey = refusal({
  status: 503,
  code: 'vault_key_missing',
  title: 'The key of this value is missing in the keys database',
  advice:
    'Tell the operator that the database at KEYS_DATABASE_URL is older than the main database. The operator must restore its newest backup.',
})

const valueDamaged = refusal({
  status: 503,
  code: 'vault_value_damaged',
  title: 'This private value cannot be decrypted',
  advice:
    'It is damaged, or it was copied from another place. Send the requestId to the operator. The author may write the value again.',
})

/** The time after which an operator may have corrected it. */
const soon = { retryAfterSeconds: 60 }

export const keyMissing = () => noKey(undefined, soon)
export const damaged = () => valueDamaged(undefined, soon)

/** Returns undefined for a value that can no longer be decrypted: its person writes it again. */
export async function unlessDamaged<T>(opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof Problem && [noKey.kind, valueDamaged.kind].includes(error.kind)) return undefined
    throw error
  }
}
