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

/** Whether the person took part in a recovery for the organisation since that instant. */
export async function tookPartInRecovery(
  tx: Tx,
  person: string,
  { organisationId, since }: { organisationId: string; since: string },
): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from recoveries where organisation_id = ${organisationId} and granted_at >= ${since}
      and ${person} in (requested_by_id, granted_by_id) limit 1`,
  )
  return rows.length > 0
}
