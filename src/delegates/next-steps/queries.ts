import { desc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '../../platform/database/database.ts'
import { subquery } from '../../platform/database/references.ts'
import { organisations } from '../../organisations/tables.ts'
import { mandates } from '../mandates/tables.ts'

const coordination = alias(organisations, 'coordination')

/** A sealed coordination is not shown. */
const coordinationId = subquery(
  sql<string | null>`select ${coordination.id} from ${organisations} coordination
    where ${coordination.status} = 'verified' and ${coordination.sealedAt} is null and ${coordination.id} =
      coalesce(${organisations.vouchingCoordinationId}, ${organisations.invitedById}, ${organisations.createdByOrganisationId})`,
)

const organisationColumns = {
  organisationId: organisations.id,
  name: organisations.name,
  kind: organisations.kind,
  organisationStatus: organisations.status,
  sealedAt: organisations.sealedAt,
  vouchBy: organisations.vouchBy,
  mergedIntoId: organisations.mergedIntoId,
  coordinationId,
}

/** More than anybody holds; older ones say nothing about today. */
const mandatesMax = 50

/** Lists the present and past mandates and claims of a person with the status of their organisations, newest first. */
export const mandatesAndOrganisations = (db: Db, delegateId: string) =>
  db
    .select({
      ...organisationColumns,
      mandateId: mandates.id,
      mandateStatus: mandates.status,
      office: mandates.office,
      startsOn: mandates.startsOn,
      endsOn: mandates.endsOn,
    })
    .from(mandates)
    .innerJoin(organisations, eq(organisations.id, mandates.organisationId))
    .where(eq(mandates.delegateId, delegateId))
    .orderBy(desc(mandates.createdAt), desc(mandates.id))
    .limit(mandatesMax)

export type MandateWithOrganisation = Awaited<ReturnType<typeof mandatesAndOrganisations>>[number]

export async function organisationOf(db: Db, id: string) {
  const [row] = await db.select(organisationColumns).from(organisations).where(eq(organisations.id, id))
  return row
}

export type OrganisationOfNextStep = NonNullable<Awaited<ReturnType<typeof organisationOf>>>
