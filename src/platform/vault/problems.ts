import { Problem, refusal } from '../problems.ts'

export const erased = refusal({
  status: 410,
  code: 'erased',
  title: 'This was erased',
  advice:
    'It was erased for good, together with its key, and nobody can bring it back. Ask the person anew if you must.',
})

const noKey = refusal({
  status: 503,
  code: 'vault_key_missing',
  title: 'The key to this is not in the database of keys',
  advice:
    'Tell the operator: the database of KEYS_DATABASE_URL is older than the main database. Restore its newest copy.',
})

const notAsSealed = refusal({
  status: 503,
  code: 'vault_value_damaged',
  title: 'This private value does not open',
  advice:
    'It was damaged, or moved here from elsewhere. Tell the operator the requestId; whoever wrote it may write it anew.',
})

/** When an operator may have seen to it. */
const soon = { retryAfterSeconds: 60 }

export const keyMissing = () => noKey(undefined, soon)
export const damaged = () => notAsSealed(undefined, soon)

/** Undefined when a value cannot be opened any more: its person writes it anew, whatever it was. */
export async function unlessDamaged<T>(opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof Problem && [noKey.kind, notAsSealed.kind].includes(error.kind)) return undefined
    throw error
  }
}
