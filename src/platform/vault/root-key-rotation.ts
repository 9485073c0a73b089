/**
 * Changes the root key: keys wrapped by the previous one are wrapped by the current one. The data keys do not change.
 */
import type { Roots } from './roots.ts'
import type { KeyStore, WrappedKey } from './store.ts'
import type { Subject } from './subjects.ts'
import { unwrap, wrap } from './keyring.ts'

const batchMax = 50
/**
 * How many times in a row nothing may be left. A process that still runs with the old root key keeps wrapping with
 * it.
 */
const quietLooks = 3

export type Rewrapped = {
  count: number
  /** Damaged keys, which neither root key unwraps. */
  stuck: readonly string[]
  /** Whether a process kept wrapping keys with the previous root key. */
  stillMade: boolean
}

/** `pause` is awaited between two checks. */
export async function rotateRoot(
  store: KeyStore,
  roots: Roots,
  pause: () => Promise<unknown>,
  looksMax = 10,
): Promise<Rewrapped> {
  const { current, previous } = roots
  let count = 0
  let stuck: readonly string[] = []
  if (!previous || previous.fingerprint === current.fingerprint) return { count, stuck, stillMade: false }
  for (let look = 1, quiet = 0; look <= looksMax; look++) {
    const pass = await rewrapAll(store, roots, previous.fingerprint)
    count += pass.count
    stuck = pass.stuck
    quiet = pass.count === 0 ? quiet + 1 : 0
    if (quiet === quietLooks) return { count, stuck, stillMade: false }
    await pause()
  }
  return { count, stuck, stillMade: true }
}

async function rewrapAll(
  store: KeyStore,
  roots: Roots,
  fingerprint: string,
): Promise<{ count: number; stuck: string[] }> {
  const stuck: string[] = []
  let count = 0
  for (let last: { id: string; version: number } | undefined; ;) {
    const batch = await store.wrappedBy(fingerprint, last, batchMax)
    if (batch.length === 0) return { count, stuck }
    for (const key of batch) {
      const opened = openedOrNone(roots, key)
      if (!opened) stuck.push(key.id)
      else if (await store.rewrap(key.id, key, wrap(roots.current, key, key.version, opened))) count += 1
    }
    last = batch.at(-1)
  }
}

function openedOrNone(roots: Roots, key: WrappedKey & Subject): Buffer | undefined {
  try {
    return unwrap(roots, key, key)
  } catch {
    return undefined
  }
}
