/** Organisations that registered and wait for somebody to vouch for them. */
import { and, asc, eq, lte, notInArray } from 'drizzle-orm'
import { isIn } from '../../platform/columns.ts'
import type { Db, Tx } from '../../platform/database.ts'
import type { Batch } from '../../platform/sweep.ts'
import { organisations } from '../tables.ts'

const isToLapse = (now: string) =>
  and(isIn(organisations.status, 'provisional'), lte(organisations.vouchBy, now))

export const organisationsToLapse = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: organisations.id })
    .from(organisations)
    .where(and(isToLapse(now), notInArray(organisations.id, [...except])))
    .orderBy(asc(organisations.vouchBy), asc(organisations.id))
    .limit(limit)

/** The organisation, unless someone is deciding on it just now: then the clock comes again. */
export async function lockOrganisationToLapse(tx: Tx, id: string, now: string) {
  const [row] = await tx
    .select()
    .from(organisations)
    .where(and(eq(organisations.id, id), isToLapse(now)))
    .for('no key update', { skipLocked: true })
  return row
}
