import { eq } from 'drizzle-orm'
import { requireMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import {
  requireVersion,
  alreadyHolds,
  updateVersion,
  type Precondition,
} from '../../platform/ledger/versioned-update.ts'
import { accessOrganisation } from '../actions.ts'
import { worksiteNotFound } from '../problems.ts'
import { lockWorksite, worksiteOf, worksitesOf, type WorksiteRow } from './queries.ts'
import type { ChangeWorksite, CreateWorksite, WorksiteListParameters } from './schemas.ts'
import { worksites } from './tables.ts'

/** The worksite of a request, at the version that the caller read. */
export type WorksiteAddress = { organisationId: string; id: string; version: Precondition }

export async function readWorksite(db: Db, context: ActionContext, organisationId: string, id: string) {
  await accessOrganisation(db, context, organisationId)
  return requireWorksite(await worksiteOf(db, organisationId, id))
}

export async function listWorksites(
  db: Db,
  context: ActionContext,
  organisationId: string,
  query: WorksiteListParameters,
) {
  await accessOrganisation(db, context, organisationId)
  return worksitesOf(db, organisationId, query)
}

export function createWorksite(context: ActionContext, organisationId: string, input: CreateWorksite) {
  return transaction(context, async (tx) => {
    const mandateId = await requireAdministration(tx, context, organisationId)
    const id = timeOrderedId()
    await tx.insert(worksites).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      organisationId,
      employer: input.employer,
      place: input.place,
      country: input.country,
      industry: input.industry,
    })
    record(tx, context, {
      type: 'worksite.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId,
      mandateId,
    })
    return requireWorksite(await worksiteOf(tx, organisationId, id))
  })
}

export function changeWorksite(
  context: ActionContext,
  addressed: WorksiteAddress,
  change: ChangeWorksite,
): Promise<WorksiteRow> {
  return transaction(context, async (tx) => {
    const { row, mandateId } = await lockForChange(tx, context, addressed)
    if (alreadyHolds(row, change)) return requireWorksite(await worksiteOf(tx, row.organisationId, row.id))
    const changed = {
      employer: change.employer ?? row.employer,
      place: change.place ?? row.place,
      country: change.country ?? row.country,
      industry: change.industry ?? row.industry,
    }
    await updateVersion(tx, context, worksites, row, changed, {
      type: 'worksite.changed',
      organisationId: row.organisationId,
      mandateId,
      details: { fields: Object.keys(change).sort() },
    })
    return requireWorksite(await worksiteOf(tx, row.organisationId, row.id))
  })
}

export function removeWorksite(context: ActionContext, addressed: WorksiteAddress): Promise<object> {
  return transaction(context, async (tx) => {
    const { row, mandateId } = await lockForChange(tx, context, addressed)
    await tx.delete(worksites).where(eq(worksites.id, row.id))
    record(tx, context, {
      type: 'worksite.removed',
      subjectId: row.id,
      subjectVersion: row.version + 1,
      organisationId: row.organisationId,
      mandateId,
    })
    return {}
  })
}

async function lockForChange(
  tx: Tx,
  context: ActionContext,
  { organisationId, id, version }: WorksiteAddress,
) {
  await accessOrganisation(tx, context, organisationId)
  const row = requireWorksite(await lockWorksite(tx, organisationId, id))
  const mandate = await requireMandate(tx, context, organisationId, 'administer')
  requireVersion(row, version)
  return { row, mandateId: mandate.id }
}

async function requireAdministration(
  tx: Tx,
  context: ActionContext,
  organisationId: string,
): Promise<string | null> {
  await accessOrganisation(tx, context, organisationId)
  return (await requireMandate(tx, context, organisationId, 'administer')).id
}

function requireWorksite<Row>(row: Row | undefined): Row {
  if (row === undefined) throw worksiteNotFound()
  return row
}
