/** New root keys and new data keys, while the service runs. Whatever is cut off goes on where it was. */
import { sql } from 'drizzle-orm'
import { transaction, type Act } from '../act.ts'
import type { Tx } from '../database.ts'
import { everyMinute, type Job } from '../jobs.ts'
import type { Roots } from './roots.ts'
import type { KeyStore, Subject, SubjectKind } from './store.ts'
import { unwrap, wrap, type Vault } from './vault.ts'

/** Columns of `bytea` that the vault sealed, in a table whose primary key is `id`. */
export type SealedTable = {
  table: string
  columns: readonly string[]
  subject: { kind: SubjectKind; column: string }
}

const batchMax = 50

/** Wraps with the present root key what the previous one wrapped. Returns how many. */
export async function rotateRoot(store: KeyStore, roots: Roots): Promise<number> {
  const { current, previous } = roots
  if (!previous || previous.fingerprint === current.fingerprint) return 0
  let count = 0
  for (;;) {
    const batch = await store.wrappedBy(previous.fingerprint, batchMax)
    if (batch.length === 0) return count
    for (const key of batch) {
      const data = unwrap(roots, key, key)
      await store.rewrap(key.id, key, wrap(current, key, key.version, data))
      count += 1
    }
  }
}

/** What `keys rotate` has begun is carried on by whichever worker comes first; twice at once does no harm. */
export const rotationJob = (vault: Vault, tables: readonly SealedTable[]): Job => ({
  name: 'vault.rotate',
  cron: everyMinute,
  run: (act) => rotate(act, vault, tables),
})

/** `subjectsMax` ends it early, as a kill would. */
export async function rotate(
  act: Act,
  vault: Vault,
  tables: readonly SealedTable[],
  subjectsMax = Infinity,
): Promise<void> {
  const rotation = (await vault.store.rotations()).find(({ finishedAt }) => finishedAt === null)
  if (!rotation) return
  const now = act.now > rotation.startedAt ? act.now : rotation.startedAt
  for (let left = subjectsMax; left > 0;) {
    const batch = await vault.store.unrotated(rotation, Math.min(batchMax, left))
    for (const subject of batch) await rotateSubject(act, vault, tables, subject, now)
    await vault.store.countRotated(rotation, batch.length)
    left -= batch.length
    if (batch.length === 0) return void (await vault.store.finishRotation(rotation, now))
  }
}

/**
 * The new key comes first, so whoever seals from now on seals with it. Whoever took the older one holds the subject until
 * their transaction ends, and what they wrote is found here. Only then does the older one go.
 */
async function rotateSubject(
  act: Act,
  vault: Vault,
  tables: readonly SealedTable[],
  subject: Subject,
  now: string,
): Promise<void> {
  await vault.renew(subject, now)
  const { newest } = await transaction(act, async (tx) => {
    await vault.holdAlone(tx, subject)
    // Looked at before anything is sealed anew: whoever rotates beside us may add a newer one meanwhile, which is not ours to
    // forget the older ones for.
    const versions = (await vault.store.keysOf(subject.id)).map(({ version }) => version)
    for (const table of tables)
      if (table.subject.kind === subject.kind) await reseal(tx, vault, table, subject, now)
    return { newest: Math.max(0, ...versions) }
  })
  await vault.store.dropKeysBefore(subject.id, newest)
}

type SealedRow = { id: string } & Record<string, Buffer | string | null>

/** The rows stay what they were, so their versions do not rise. */
async function reseal(
  tx: Tx,
  vault: Vault,
  sealed: SealedTable,
  subject: Subject,
  now: string,
): Promise<void> {
  const table = sql.identifier(sealed.table)
  const columns = sealed.columns.map((column) => sql.identifier(column))
  const { rows } = await tx.execute<SealedRow>(
    sql`select id, ${sql.join(columns, sql`, `)} from ${table}
      where ${sql.identifier(sealed.subject.column)} = ${subject.id} for update`,
  )
  if (rows.length === 0) return
  const open = await vault.openFor(subject)
  const seal = await vault.sealFor(tx, subject, now)
  for (const row of rows) {
    for (const column of sealed.columns) {
      const bytes = row[column]
      if (!Buffer.isBuffer(bytes)) continue
      const place = { table: sealed.table, column, row: row.id }
      const renewed = seal(place, await open(place, bytes))
      await tx.execute(sql`update ${table} set ${sql.identifier(column)} = ${renewed} where id = ${row.id}`)
    }
  }
}
