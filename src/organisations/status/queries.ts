/** The status of organisations and the validity of mandates, for statements of all features. */
import { inArray, sql, type SQL } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { build, prepared } from '../../platform/database/prepared.ts'
import { subquery } from '../../platform/database/references.ts'
import type { OrganisationStatus } from '../lifecycle.ts'
import { actingStatuses } from '../policy.ts'
import { sealVersion } from '../seals/tables.ts'
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

/** Read with every caller. Costs the same however many organisations are sealed. */
export const currentSealVersion = subquery(sql<string>`select ${sealVersion.version} from ${sealVersion}`)

const sealedList = prepared(
  'sealed_organisations',
  build
    .select({
      version: sealVersion.version,
      ids: subquery(
        sql<string[]>`select coalesce(array_agg(${organisations.id}), '{}') from ${organisations}
          where ${organisations.sealedAt} is not null`,
      ),
    })
    .from(sealVersion),
)

let known: { version: string; ids: ReadonlySet<string> } | undefined

/**
 * All sealed organisations, read again whenever the version has changed. Every request reads the version with its caller, so
 * the list never outlives a seal. A version is random, so that a restored database has none in common with another list.
 */
export async function sealedOrganisations(db: Db, version: string): Promise<ReadonlySet<string>> {
  if (known?.version === version) return known.ids
  const [row] = await sealedList(db, {})
  if (!row) throw new Error('The table seal_version has no row')
  known = { version: row.version, ids: new Set(row.ids) }
  return known.ids
}

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
