/**
 * Private values are encrypted here before they reach the database. Each person, organisation and visit has a data key; the
 * root key wraps it, and the wrapped keys stand in a database of their own. Who erases the key erases the values, in every
 * copy of the main database that was ever made.
 */
import { hkdfSync } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Clock } from '../clock.ts'
import type { Tx } from '../database/database.ts'
import { startFailure } from '../failures.ts'
import {
  aesGcm,
  keyBytes,
  versionBytes,
  versionOf,
  withoutVersion,
  withVersion,
  type Cipher,
} from './cipher.ts'
import { openKeyring, type Keys } from './keyring.ts'
import { damaged, erased, keyMissing } from './problems.ts'
import type { Roots } from './roots.ts'
import type { KeyStore } from './store.ts'
import { service, type EncryptedTable, type Subject } from './subjects.ts'

/** Where a value stands; it opens nowhere else. */
export type Place = { table: string; column: string; row: string }
export type Encrypt = (place: Place, plain: string) => Buffer
export type Decrypt = (place: Place, sealed: Buffer) => Promise<string>

export type Vault = {
  /** Keeps rotation and erasure away from the subject until the transaction ends. Whoever was stuck is tried again after it. */
  sealFor(tx: Tx, subject: Subject, now: string): Promise<Encrypt>
  /**
   * Asked before the rows are read, so that a rotation in between does no harm. What it returns throws `erased` for whoever
   * was erased, though a restored database has their rows.
   */
  openFor(subject: Subject): Promise<Decrypt>
  /**
   * A new key of the subject, by which everything is sealed from now on; the older ones still open. None when the newest is
   * not older than `unlessSince`, and none for whoever has no key. Holds the subject alone.
   */
  renew(tx: Tx, subject: Subject, now: string, unlessSince?: string): Promise<void>
  /** Whoever would seal something for the subject waits until the transaction ends. */
  holdAlone(tx: Tx, subject: Subject): Promise<void>
  /** Shreds the key. Cannot be taken back, not even by restoring the main database. */
  erase(subject: Subject, now: string): Promise<void>
  /** The older keys; every value is sealed with the newest, or there is none and they all go. False when they were gone. */
  dropKeys(subject: Subject, before: number): Promise<boolean>
  /** A secret of the service that is in no backup of the main database, and outlives every root key. */
  secretFor(purpose: string, now: string): Promise<Buffer>
  readonly store: KeyStore
  /** Everything that is sealed. */
  readonly tables: readonly EncryptedTable[]
}

export type VaultParts = {
  store: KeyStore
  roots: Roots
  tables: readonly EncryptedTable[]
  clock: Clock
  cipher?: Cipher | undefined
}

export function openVault({ store, roots, tables, clock, cipher = aesGcm }: VaultParts): Vault {
  const ring = openKeyring({ store, roots, clock })

  const encryptBy = (subject: Subject, keys: Keys): Encrypt => {
    const version = Math.max(...keys.keys())
    const key = (keys.get(version) as () => Buffer)()
    return (place, plain) =>
      withVersion(version, cipher.seal(key, Buffer.from(plain), address(place, subject, version)))
  }

  function openWith(key: Buffer, sealed: Buffer, place: string): string {
    try {
      return cipher.open(key, sealed, place).toString()
    } catch {
      // What Node says of it tells nobody more.
      throw damaged()
    }
  }

  async function holdAlone(tx: Tx, subject: Subject): Promise<void> {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockOf(subject)})`)
    ring.forget(subject)
  }

  return {
    store,
    tables,
    holdAlone,
    sealFor: async (tx, subject, now) => {
      await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(subject)})`)
      const [keys, isErased] = await Promise.all([
        ring.fresh(subject),
        store.isErased(subject.id),
        store.free(subject.id),
      ])
      if (isErased) throw erased()
      return encryptBy(subject, keys.size > 0 ? keys : await ring.add(subject, 1, now))
    },
    openFor: async (subject) => {
      let keys = await ring.keysOf(subject)
      return async (place, sealed) => {
        if (sealed.length < versionBytes) throw damaged()
        const version = versionOf(sealed)
        // Rotated a moment ago, by another process.
        if (!keys.has(version)) keys = await ring.fresh(subject)
        const key = keys.get(version)
        if (!key) throw (await store.isErased(subject.id)) ? erased() : keyMissing()
        return openWith(key(), withoutVersion(sealed), address(place, subject, version))
      }
    },
    renew: async (tx, subject, now, unlessSince) => {
      await holdAlone(tx, subject)
      await store.free(subject.id)
      const newest = (await store.keysOf(subject.id)).at(-1)
      if (!newest || (unlessSince !== undefined && newest.createdAt >= unlessSince)) return
      await ring.add(subject, newest.version + 1, now)
    },
    erase: async (subject, now) => {
      await store.erase(subject, now)
      ring.forget(subject)
    },
    dropKeys: async (subject, before) => {
      const dropped = await store.dropKeysBefore(subject.id, before)
      ring.forget(subject)
      return dropped
    },
    secretFor: async (purpose, now) => {
      const known = await ring.keysOf(service)
      const key = (known.size > 0 ? known : await ring.add(service, 1, now)).get(1)
      if (!key) throw keyMissing()
      return Buffer.from(hkdfSync('sha256', key(), '', purpose, keyBytes))
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
  tables: [],
  sealFor: () => Promise.reject(noVault()),
  openFor: () => Promise.reject(noVault()),
  renew: () => Promise.reject(noVault()),
  holdAlone: () => Promise.reject(noVault()),
  erase: () => Promise.reject(noVault()),
  dropKeys: () => Promise.reject(noVault()),
  secretFor: () => Promise.reject(noVault()),
}

const noVault = () => new Error('There is no vault here.')
