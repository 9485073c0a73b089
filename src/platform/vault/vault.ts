/**
 * Encrypts private values before they reach the database. Each person, organisation and visit has a data key. The
 * root key wraps the data keys, which are stored in the key database. Deleting a data key makes its values unreadable
 * in every copy of the main database.
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

/** The place of a value. It decrypts nowhere else. */
export type Place = { table: string; column: string; row: string }
export type Encrypt = (place: Place, plain: string) => Buffer
export type Decrypt = (place: Place, encrypted: Buffer) => Promise<string>

export type Vault = {
  /**
   * Locks the subject against rotation and erasure until the transaction ends. A stuck subject is tried again after
   * it.
   */
  encryptFor(tx: Tx, subject: Subject, now: string): Promise<Encrypt>
  /**
   * Call it before the rows are read, so that a rotation in between does no harm. The returned function throws
   * `erased` for an erased person, even if a restored database has their rows.
   */
  decryptFor(subject: Subject): Promise<Decrypt>
  /**
   * Creates a new key for the subject, which encrypts from now on; older keys still decrypt. Creates none when the
   * newest is not older than `unlessSince`, or when the subject has no key. Locks the subject exclusively.
   */
  renew(tx: Tx, subject: Subject, now: string, unlessSince?: string): Promise<void>
  /** Locks out transactions that encrypt for the subject until this one ends. */
  lockSubject(tx: Tx, subject: Subject): Promise<void>
  /** Shreds the key. This cannot be undone, not even by restoring the main database. */
  erase(subject: Subject, now: string): Promise<void>
  /**
   * Shreds the older keys. Every value must use the newest, or there is no value and all keys go. False when they
   * were gone.
   */
  dropKeys(subject: Subject, before: number): Promise<boolean>
  /** A secret of the service that no backup of the main database contains and no change of the root key affects. */
  secretFor(purpose: string, now: string): Promise<Buffer>
  readonly store: KeyStore
  /** All encrypted columns. */
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
      withVersion(version, cipher.encrypt(key, Buffer.from(plain), address(place, subject, version)))
  }

  function decryptWith(key: Buffer, encrypted: Buffer, place: string): string {
    try {
      return cipher.decrypt(key, encrypted, place).toString()
    } catch {
      // Node's message adds nothing.
      throw damaged()
    }
  }

  async function lockSubject(tx: Tx, subject: Subject): Promise<void> {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockOf(subject)})`)
    ring.forget(subject)
  }

  return {
    store,
    tables,
    lockSubject,
    encryptFor: async (tx, subject, now) => {
      await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(subject)})`)
      const [keys, isErased] = await Promise.all([
        ring.fresh(subject),
        store.isErased(subject.id),
        store.free(subject.id),
      ])
      if (isErased) throw erased()
      return encryptBy(subject, keys.size > 0 ? keys : await ring.add(subject, 1, now))
    },
    decryptFor: async (subject) => {
      let keys = await ring.keysOf(subject)
      return async (place, encrypted) => {
        if (encrypted.length < versionBytes) throw damaged()
        const version = versionOf(encrypted)
        // Another process rotated it a moment ago.
        if (!keys.has(version)) keys = await ring.fresh(subject)
        const key = keys.get(version)
        if (!key) throw (await store.isErased(subject.id)) ? erased() : keyMissing()
        return decryptWith(key(), withoutVersion(encrypted), address(place, subject, version))
      }
    },
    renew: async (tx, subject, now, unlessSince) => {
      await lockSubject(tx, subject)
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

/** Throws a start failure when none of the root keys unwraps the stored keys. */
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

/** For the contract, the story and the benchmark, which store and read no private values. */
export const closedVault: Vault = {
  get store(): never {
    throw noVault()
  },
  tables: [],
  encryptFor: () => Promise.reject(noVault()),
  decryptFor: () => Promise.reject(noVault()),
  renew: () => Promise.reject(noVault()),
  lockSubject: () => Promise.reject(noVault()),
  erase: () => Promise.reject(noVault()),
  dropKeys: () => Promise.reject(noVault()),
  secretFor: () => Promise.reject(noVault()),
}

const noVault = () => new Error('There is no vault here.')
