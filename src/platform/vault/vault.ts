/**
 * Private values are encrypted here before they reach the database. Each person and each organisation has a data key; the
 * root key wraps it, and the wrapped keys stand in a database of their own. Who erases the key erases the values, in every
 * copy of the main database that was ever made.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { refusal } from '../problems.ts'
import { startFailure } from '../failures.ts'
import { aesGcm, newKey, versionOf, withoutVersion, withVersion, type Cipher } from './cipher.ts'
import type { Root, Roots } from './roots.ts'
import type { KeyStore, Subject, WrappedKey } from './store.ts'

/** Where a value stands; it opens nowhere else. */
export type Place = { table: string; column: string; row: string }
export type Seal = (place: Place, plain: string) => Buffer
export type Open = (place: Place, sealed: Buffer) => Promise<string>

export type Vault = {
  /** Keeps rotation and erasure away from the subject until the transaction ends. */
  sealFor(tx: Tx, subject: Subject, now: string): Promise<Seal>
  /**
   * Asked before the rows are read, so that a rotation in between does no harm. What it returns throws `erased` for whoever
   * was erased, though a restored database has their rows.
   */
  openFor(subject: Subject): Promise<Open>
  /** Makes a new key of the subject, by which everything is sealed from now on; the older ones still open. */
  renew(subject: Subject, now: string): Promise<void>
  /** Whoever would seal something for the subject waits until the transaction ends. */
  holdAlone(tx: Tx, subject: Subject): Promise<void>
  /** Shreds the key. Cannot be taken back, not even by restoring the main database. */
  erase(subject: Subject, now: string): Promise<void>
  readonly store: KeyStore
}

export const erased = refusal({
  status: 410,
  code: 'erased',
  title: 'This was erased',
  advice:
    'It was erased for good, together with its key, and nobody can bring it back. Ask the person anew if you must.',
})

const keyMissing = refusal({
  status: 503,
  code: 'vault_key_missing',
  title: 'The key to this is not in the database of keys',
  advice:
    'Tell the operator: the database of KEYS_DATABASE_URL is older than the main database. Restore its newest copy.',
})

const damaged = refusal({
  status: 503,
  code: 'vault_value_damaged',
  title: 'This private value does not open',
  advice:
    'It was damaged, or moved here from elsewhere. Tell the operator the requestId; whoever wrote it may write it anew.',
})

/** When an operator may have seen to it. */
const soon = { retryAfterSeconds: 60 }

type Keys = ReadonlyMap<number, Buffer>

/** How long another process may still open what was erased a moment ago; its rows are gone at once all the same. */
const cachedMs = 30_000
const cachedSubjectsMax = 1_000

export function openVault(store: KeyStore, roots: Roots, cipher: Cipher = aesGcm): Vault {
  const cache = new Map<string, { keys: Keys; until: number }>()

  async function keysOf(subject: Subject): Promise<Keys> {
    const cached = cache.get(subject.id)
    if (cached && cached.until > performance.now()) return cached.keys
    cache.delete(subject.id)
    const wrapped = await store.keysOf(subject.id)
    const keys = new Map(wrapped.map((key) => [key.version, unwrap(roots, subject, key)]))
    if (keys.size > 0) remember(subject.id, keys)
    return keys
  }

  function remember(id: string, keys: Keys): void {
    // The one that was asked for first goes first.
    const [oldest] = cache.keys()
    if (cache.size >= cachedSubjectsMax && oldest !== undefined) cache.delete(oldest)
    cache.set(id, { keys, until: performance.now() + cachedMs })
  }

  async function fresh(subject: Subject): Promise<Keys> {
    cache.delete(subject.id)
    return keysOf(subject)
  }

  async function addKey(subject: Subject, version: number, now: string): Promise<Keys> {
    await store.addKey(subject, wrap(roots.current, subject, version, newKey()), now)
    return fresh(subject)
  }

  const sealBy = (subject: Subject, keys: Keys): Seal => {
    const version = Math.max(...keys.keys())
    const key = keys.get(version) as Buffer
    return (place, plain) =>
      withVersion(version, cipher.seal(key, Buffer.from(plain), address(place, subject, version)))
  }

  function openWith(key: Buffer, sealed: Buffer, place: string): string {
    try {
      return cipher.open(key, sealed, place).toString()
    } catch {
      // What Node says of it tells nobody more.
      throw damaged(undefined, soon)
    }
  }

  return {
    store,
    sealFor: async (tx, subject, now) => {
      await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(subject)})`)
      const [keys, isErased] = await Promise.all([fresh(subject), store.isErased(subject.id)])
      if (isErased) throw erased()
      return sealBy(subject, keys.size > 0 ? keys : await addKey(subject, 1, now))
    },
    openFor: async (subject) => {
      let keys = await keysOf(subject)
      return async (place, sealed) => {
        const version = versionOf(sealed)
        // Rotated a moment ago, by another process.
        if (!keys.has(version)) keys = await fresh(subject)
        const key = keys.get(version)
        if (!key) throw (await store.isErased(subject.id)) ? erased() : keyMissing(undefined, soon)
        return openWith(key, withoutVersion(sealed), address(place, subject, version))
      }
    },
    renew: async (subject, now) => {
      const keys = await fresh(subject)
      if (keys.size > 0) await addKey(subject, Math.max(...keys.keys()) + 1, now)
    },
    holdAlone: async (tx, subject) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${lockOf(subject)})`)
      cache.delete(subject.id)
    },
    erase: async (subject, now) => {
      await store.erase(subject, now)
      cache.delete(subject.id)
    },
  }
}

/** Throws a start failure when there are keys that none of the root keys opens. */
export async function requireRoots(store: KeyStore, { current, previous }: Roots): Promise<void> {
  const known = [current.fingerprint, previous?.fingerprint]
  const foreign = (await store.byRoot()).filter(({ fingerprint }) => !known.includes(fingerprint))
  if (foreign.length === 0) return
  throw startFailure(
    `ROOT_KEY is not the one that wrapped the keys in the database of KEYS_DATABASE_URL (they name ${foreign[0]?.fingerprint}, ` +
      `ROOT_KEY is ${current.fingerprint}); give that one, as ROOT_KEY, or as ROOT_KEY_PREVIOUS to rotate from it.`,
  )
}

export function wrap(root: Root, subject: Subject, version: number, key: Buffer): WrappedKey {
  const { fingerprint } = root
  const wrapped = aesGcm.seal(root.key, key, keyAddress(subject, version, fingerprint))
  return { version, wrapped, rootFingerprint: fingerprint }
}

export function unwrap({ current, previous }: Roots, subject: Subject, key: WrappedKey): Buffer {
  const root = [current, previous].find((one) => one?.fingerprint === key.rootFingerprint)
  if (!root) throw keyMissing(undefined, soon)
  return aesGcm.open(root.key, key.wrapped, keyAddress(subject, key.version, root.fingerprint))
}

const keyAddress = ({ kind, id }: Subject, version: number, fingerprint: string): string =>
  ['wrapped_keys', kind, id, version, fingerprint].join('|')

const address = ({ table, column, row }: Place, { kind, id }: Subject, version: number): string =>
  [table, column, row, `${kind}:${id}`, version].join('|')

/** 63 bits of the id, which is random but for its version. */
const lockOf = ({ id }: Subject): string =>
  BigInt.asIntN(64, BigInt(`0x${id.replaceAll('-', '')}`) ^ 0x7661_756c_74n).toString()

/** Where nothing private is kept or read: behind the contract, the story and the measurements. */
export const closedVault: Vault = {
  get store(): never {
    throw noVault()
  },
  sealFor: () => Promise.reject(noVault()),
  openFor: () => Promise.reject(noVault()),
  renew: () => Promise.reject(noVault()),
  holdAlone: () => Promise.reject(noVault()),
  erase: () => Promise.reject(noVault()),
}

const noVault = () => new Error('There is no vault here.')
