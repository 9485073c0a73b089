/** The status of organisations and the validity of mandates, for statements of all features. */
import { inArray, sql, type SQL } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { subquery } from '../../platform/database/references.ts'
import type { OrganisationStatus } from '../lifecycle.ts'
import { actingStatuses } from '../policy.ts'
import { organisations } from '../tables.ts'

/** Reads what decides whether each of them may be seen and addressed. */
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

/** The same, locked until the transaction ends, so that a suspension or merger comes before or waits. */
export const lockStatuses = (tx: Tx, ids: readonly string[]) =>
  organisationStatuses(tx, ids).orderBy(organisations.id).for('share')

/** For rows that store the status of an organisation at the time of writing. */
export const statusNow = (id: string): SQL<OrganisationStatus> =>
  sql`(select status from ${organisations} where id = ${id})`

/** The sealed organisations, which are few. Read with every caller, because nothing of them is shown to others. */
export const sealedOrganisationIds = subquery(
  sql<
    string[]
  >`select coalesce(array_agg(sealed.id), '{}') from ${organisations} sealed where sealed.sealed_at is not null`,
)

/** Whether an organisation may act, for statements of all features. */
export const mayAct = (status: SQL): SQL => sql`${status} in (${sql.raw(`'${actingStatuses.join("', '")}'`)})`

/**
 * Whether a mandate is valid on that day; `mandate` is its alias in the statement. Callers also check that its
 * organisation may act and is not sealed.
 */
export const isValidOn = (today: string, mandate: SQL = sql`m`): SQL =>
  sql`${mandate}.status = 'active' and ${mandate}.starts_on <= ${today}::date
    and (${mandate}.ends_on is null or ${mandate}.ends_on >= ${today}::date)`

/** Whether a person, who is null for the operator, administers the organisation, whether or not it is sealed. */
export const administersUnderSeal = (person: string | null, organisationId: unknown, now: string) =>
  sql<boolean>`exists (select from mandates m where m.delegate_id = ${person}::uuid and m.organisation_id = ${organisationId}
    and ${isValidOn(dateOf(now))} and 'administer' = any(m.powers))`

/**
 * Locks the mandate with which a delegate administers the organisation, even when a seal suspends its powers, and first
 * the organisation.
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
