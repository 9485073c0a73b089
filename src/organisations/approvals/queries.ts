import { sql } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { isValidOn, mayAct } from '../status/queries.ts'
import { organisations } from '../tables.ts'

const ofLiveMandates = (ids: readonly string[], now: string) =>
  sql`select m.id, o.sealed_at is not null as sealed from mandates m join ${organisations} o on o.id = m.organisation_id
    where m.id = any(${sql.param([...ids])}::uuid[]) and ${isValidOn(dateOf(now))} and ${mayAct(sql`o.status`)}`

type LiveMandateRow = { id: string; sealed: boolean }

/** Selects which of these mandates are valid, and whether their organisation is sealed. */
export async function liveMandates(db: Db, ids: readonly string[], now: string): Promise<LiveMandateRow[]> {
  return (await db.execute<LiveMandateRow>(ofLiveMandates(ids, now))).rows
}

/** The same, locked with their organisations until the transaction ends: a recall or a seal comes before or waits. */
export async function lockLiveMandates(
  tx: Tx,
  ids: readonly string[],
  now: string,
): Promise<LiveMandateRow[]> {
  return (await tx.execute<LiveMandateRow>(sql`${ofLiveMandates(ids, now)} for share`)).rows
}

/** Whether a person, who is null for the operator, took part in a recovery for the organisation since that instant. */
export const hasPartInRecovery = (person: string | null, organisationId: unknown, since: unknown) =>
  sql<boolean>`exists (select from recoveries r where r.organisation_id = ${organisationId} and r.granted_at >= ${since}
    and ${person}::uuid in (r.requested_by_id, r.granted_by_id))`

export async function tookPartInRecovery(
  tx: Tx,
  person: string,
  { organisationId, since }: { organisationId: string; since: string },
): Promise<boolean> {
  const { rows } = await tx.execute(sql`select where ${hasPartInRecovery(person, organisationId, since)}`)
  return rows.length > 0
}
