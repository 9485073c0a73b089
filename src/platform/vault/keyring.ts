/** The unwrapped data keys. The root key wraps them in the key database; they are cached here for a short time. */
import type { Clock } from '../clock.ts'
import { codeOf } from '../database/sqlstate.ts'
import { aesGcm, newKey } from './cipher.ts'
import { damaged, erased, keyMissing } from './problems.ts'
import type { Root, Roots } from './roots.ts'
import type { KeyStore, WrappedKey } from './store.ts'
import type { Subject } from './subjects.ts'

/** By version. Each is unwrapped on request, so a damaged old key does not affect newer ones. */
export type Keys = ReadonlyMap<number, () => Buffer>
/** How long another process may still decrypt what was just erased. The rows themselves are deleted at once. */
const rememberedMs = 30_000
const subjectsMax = 1_000
const refusedByTombstone = '23001'

export function openKeyring({ store, roots, clock }: { store: KeyStore; roots: Roots; clock: Clock }) {
  const remembered = new Map<string, { keys: Keys; until: number }>()
  // A key that was requested before a deletion and arrives after it is not cached.
  let forgettings = 0

  async function keysOf(subject: Subject): Promise<Keys> {
    const known = remembered.get(subject.id)
    if (known && known.until > clock().getTime()) return known.keys
    return fresh(subject)
  }

  async function fresh(subject: Subject): Promise<Keys> {
    remembered.delete(subject.id)
    const before = forgettings
    const wrapped = await store.keysOf(subject.id)
    const keys = new Map(wrapped.map((key) => [key.version, onceOpened(() => unwrap(roots, subject, key))]))
    if (keys.size > 0 && before === forgettings) remember(subject.id, keys)
    return keys
  }

  function remember(id: string, keys: Keys): void {
    // The oldest entry is evicted first.
    const [oldest] = remembered.keys()
    if (remembered.size >= subjectsMax && oldest !== undefined) remembered.delete(oldest)
    remembered.set(id, { keys, until: clock().getTime() + rememberedMs })
  }

  /** Throws `erased` for a person with a tombstone, even if the tombstone arrived later than the request. */
  async function add(subject: Subject, version: number, now: string): Promise<Keys> {
    try {
      await store.addKey(subject, wrap(roots.current, subject, version, newKey()), now)
    } catch (error) {
      throw codeOf(error) === refusedByTombstone ? erased() : error
    }
    return fresh(subject)
  }

  function forget({ id }: Subject): void {
    forgettings += 1
    remembered.delete(id)
  }

  return { keysOf, fresh, add, forget }
}

function onceOpened(open: () => Buffer): () => Buffer {
  let opened: Buffer | undefined
  return () => (opened ??= open())
}

export function wrap(root: Root, subject: Subject, version: number, key: Buffer): WrappedKey {
  const { fingerprint } = root
  const wrapped = aesGcm.encrypt(root.key, key, keyAddress(subject, version, fingerprint))
  return { version, wrapped, rootFingerprint: fingerprint }
}

export function unwrap({ current, previous }: Roots, subject: Subject, key: WrappedKey): Buffer {
  const root = [current, previous].find((one) => one?.fingerprint === key.rootFingerprint)
  if (!root) throw keyMissing()
  try {
    return aesGcm.decrypt(root.key, key.wrapped, keyAddress(subject, key.version, root.fingerprint))
  } catch {
    throw damaged()
  }
}

const keyAddress = ({ kind, id }: Subject, version: number, fingerprint: string): string =>
  ['wrapped_keys', kind, id, version, fingerprint].join('|')
