/** What an organisation is now, and whether a mandate in it lives: for statements of all features. */
import { inArray, sql, type SQL } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { subquery } from '../../platform/database/references.ts'
import type { OrganisationStatus } from '../lifecycle.ts'
import { actingStatuses } from '../policy.ts'
import { organisations } from '../tables.ts'

/** What decides whether each of them may be seen and addressed. */
export const organisationStatuses = (db: Db, ids: readonly string[]) =>
  db
    .select({
      id: organisations.id,
      status: organisations.status,
      kind: organisations.kind,
      sealedAt: organisations.sealedAt,
    })
    .from(organisations)
    .where(inArray(organisations.id, [...ids]))

/** The same, held until the transaction ends: whoever suspends or merges one of them comes before or waits. */
export const lockStatuses = (tx: Tx, ids: readonly string[]) =>
  organisationStatuses(tx, ids).orderBy(organisations.id).for('share')

/** For a row that says what an organisation was when it was written. */
export const statusNow = (id: string): SQL<OrganisationStatus> =>
  sql`(select status from ${organisations} where id = ${id})`

/** Those who have sealed themselves: few, and asked about with every caller, for nothing of them is shown to others. */
export const sealedOrganisationIds = subquery(
  sql<
    string[]
  >`select coalesce(array_agg(sealed.id), '{}') from ${organisations} sealed where sealed.sealed_at is not null`,
)

/** Whether an organisation may act, for statements that other features write over what it gave. */
export const mayAct = (status: SQL): SQL => sql`${status} in (${sql.raw(`'${actingStatuses.join("', '")}'`)})`

/**
 * Whether a mandate lives on that day, for statements of all features: `mandate` is what they call it. Whether its
 * organisation may act, and is not sealed, they ask too.
 */
export const isValidOn = (today: string, mandate: SQL = sql`m`): SQL =>
  sql`${mandate}.status = 'active' and ${mandate}.starts_on <= ${today}::date
    and (${mandate}.ends_on is null or ${mandate}.ends_on >= ${today}::date)`

/**
 * The mandate by which somebody administers the organisation, whether or not a seal takes the powers from all of them. It and
 * the organisation, which is locked first, then stay as they are.
 */
export async function lockAdministratorMandate(
  tx: Tx,
  delegateId: string,
  organisationId: string,
  now: string,
) {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select m.id from ${organisations} o join mandates m on m.organisation_id = o.id
      where m.delegate_id = ${delegateId} and o.id = ${organisationId} and ${isValidOn(dateOf(now))}
        and 'administer' = any(m.powers) and ${mayAct(sql`o.status`)}
      order by m.id limit 1 for share`,
  )
  return rows[0]
}
