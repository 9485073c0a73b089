import { coordinatorMandate, isHiddenBySeal, type Caller, type LiveMandate } from '../platform/access.ts'
import {
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../platform/actions/action-context.ts'
import { daysAfter } from '../platform/clock.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { timeOrderedId } from '../platform/ids.ts'
import { record } from '../platform/ledger/ledger.ts'
import { inserting } from '../platform/database/inserts.ts'
import { present } from '../platform/database/rows.ts'
import { forbidden, invalidBecause } from '../platform/problems.ts'
import type { Precondition } from '../platform/ledger/versioned-update.ts'
import { requireVersion, alreadyHolds, updateVersion } from '../platform/ledger/versioned-update.ts'
import type { AllowedHistory } from '../platform/lifecycle/transitions.ts'
import { isWaiting } from './approvals/policy.ts'
import type { OrganisationMove, OrganisationStatus, PendingMove } from './lifecycle.ts'
import {
  administers,
  allowedMoves,
  isVouchedFor,
  mayRead,
  mayReadOrigin,
  mayReadReasons,
  mayReceiveMerger,
} from './policy.ts'
import { organisationNotFound, vouchedForName } from './problems.ts'
import { skeletonColumns } from './possible-duplicates/queries.ts'
import { lockOrganisation, organisationById, type OrganisationRow } from './queries.ts'
import type { ChangeOrganisation, CreateAddressee } from './schemas.ts'
import { clearedApprovals, organisations } from './tables.ts'

/** Reads an organisation. Throws the same 404 for a missing one and for one that the caller may not read. */
export async function accessOrganisation(
  db: Db,
  context: ActionContext,
  id: string,
): Promise<OrganisationRow> {
  const row = await organisationById(db, id)
  if (!row || !mayRead(context.caller, row)) throw organisationNotFound()
  return row
}

export async function readOrganisation(db: Db, context: ActionContext, id: string) {
  return presentOrganisation(context, await accessOrganisation(db, context, id))
}

/** Allows the history to all who may read the organisation, but the reasons only to some. */
export async function allowHistory(context: ActionContext, id: string): Promise<AllowedHistory> {
  const { version } = await accessOrganisation(context.read, context, id)
  return { version, isWithoutReasons: !mayReadReasons(context.caller, id) }
}

/** Adds to the row what depends on the caller and the instant. */
export function presentOrganisation({ caller, now }: ActionContext, row: OrganisationRow) {
  const pending = waitingMove(row, now)
  const isInvolved =
    seesDecisions(caller, row.id) || (pending?.intoId !== undefined && administers(caller, pending.intoId))
  const creatorId = visibleCreatorId(caller, row)
  return present(row, {
    allowedMoves: movesOpenTo(caller, row, pending),
    awaiting: pending && isInvolved ? awaitedOf(pending) : null,
    renaming: seesDecisions(caller, row.id) ? awaitedName(row, now) : null,
    madeKnownBy: referenceUnlessSealed(caller, creatorId),
    claimedAt: creatorId === null ? null : row.claimedAt,
    invitedBy: seesDecisions(caller, row.id) ? referenceUnlessSealed(caller, row.invitedById) : null,
    vouchingCoordination: seesDecisions(caller, row.id)
      ? referenceUnlessSealed(caller, row.vouchingCoordinationId)
      : null,
  })
}

/** A sealed organisation is not referenced. */
const referenceUnlessSealed = (caller: Caller, id: string | null) =>
  id === null || isHiddenBySeal(caller, id) ? null : { id, url: `/v1/organisations/${id}` }

/** The id of the coordination that created it, if the caller may see that and it is not sealed. */
function visibleCreatorId(
  caller: Caller,
  { id, createdByOrganisationId: creatorId }: Pick<OrganisationRow, 'id' | 'createdByOrganisationId'>,
): string | null {
  return creatorId !== null && mayReadOrigin(caller, id) && !isHiddenBySeal(caller, creatorId)
    ? creatorId
    : null
}

/** The moves of the lifecycle, and approving a merger for the receiving organisation. */
function movesOpenTo(
  caller: Caller,
  row: OrganisationRow,
  pending: PendingMove | undefined,
): OrganisationMove[] {
  const moves = allowedMoves(caller, row)
  if (moves.includes('merge') || !pending || !mayReceiveMerger(caller, pending)) return moves
  return [...moves, 'merge']
}

const awaitedOf = ({ move, expiresAt, intoId, receiver }: PendingMove) => ({
  move,
  until: expiresAt,
  intoId: intoId ?? null,
  receiverAgreed: receiver !== undefined,
})

function awaitedName(row: OrganisationRow, now: string) {
  const renaming = waitingRenaming(row, now)
  return renaming ? { name: renaming.name, country: renaming.country, until: renaming.expiresAt } : null
}

/** The requested name, while it waits for a coordinator. */
export const waitingRenaming = ({ renaming }: Pick<OrganisationRow, 'renaming'>, now: string) =>
  renaming && isWaiting(renaming, now) ? renaming : undefined

/** The requested move, while it waits for another person. */
export const waitingMove = ({ pending }: Pick<OrganisationRow, 'pending'>, now: string) =>
  pending && isWaiting(pending, now) ? pending : undefined

/** Whether the caller sees decisions about the organisation. */
const seesDecisions = (caller: Caller, id: string): boolean =>
  caller.kind === 'operator' || administers(caller, id) || coordinatorMandate(caller) !== undefined

/** Creates an unclaimed organisation, so that a coordinator can invite it. */
export function createAddressee(context: ActionContext, input: CreateAddressee) {
  return transaction(context, async (tx) => {
    const mandate = await requireCoordinator(tx, context)
    requireRegionInCountry(input, '/region')
    const id = timeOrderedId()
    await insertOrganisation(tx, context, id, input, 'unclaimed', {
      createdByOrganisationId: mandate.organisationId,
    })
    record(tx, context, {
      type: 'organisation.announced',
      subjectId: id,
      subjectVersion: 1,
      organisationId: mandate.organisationId,
      mandateId: mandate.id,
    })
    return presentOrganisation(context, await requireOrganisation(tx, id))
  })
}

export function changeOrganisation(
  context: ActionContext,
  id: string,
  version: Precondition,
  change: ChangeOrganisation,
) {
  return transaction(context, async (tx) => {
    const before = await lockReadableOrganisation(tx, context, id)
    const mandate = await requireMandate(tx, context, id, 'administer')
    requireVersion(before, version)
    if (isVouchedFor(before.status) && changesIdentity(before, change)) throw vouchedForName()
    requireRegionInCountry(placeAfterChange(before, change), change.region ? '/region' : '/country')
    if (alreadyHolds(before, changedColumns(change)))
      return presentOrganisation(context, await requireOrganisation(tx, id))
    // The first approval of a verification was for the former name.
    const cleared =
      changesIdentity(before, change) && before.pending?.move === 'verify' ? clearedApprovals : {}
    await updateVersion(
      tx,
      context,
      organisations,
      before,
      { ...changedColumns(change), ...changedSkeletons(before, change), ...cleared },
      {
        type: 'organisation.changed',
        organisationId: id,
        mandateId: mandate.id,
        details: { fields: Object.keys(change).sort() },
      },
    )
    return presentOrganisation(context, await requireOrganisation(tx, id))
  })
}

/** Locks the organisation. Throws the same 404 for a missing one and for one that the caller may not read. */
export async function lockReadableOrganisation(tx: Tx, context: ActionContext, id: string) {
  const row = await lockOrganisation(tx, id)
  if (!row || !mayRead(context.caller, row)) throw organisationNotFound()
  return row
}

/** Requires a coordinator and locks the mandate. `approvedById` is the coordination that has given the first approval. */
export async function requireCoordinator(
  tx: Tx,
  context: ActionContext,
  approvedById?: string,
): Promise<LiveMandate> {
  const mandate = coordinatorMandate(context.caller, approvedById)
  if (!mandate) throw forbidden('Only a coordinator of a verified coordination can do this. Ask one.')
  await lockMandate(tx, context, mandate)
  return mandate
}

export async function requireOrganisation(db: Db, id: string): Promise<OrganisationRow> {
  const row = await organisationById(db, id)
  if (!row) throw organisationNotFound()
  return row
}

/** Whether readers would take it for another organisation: references show only the name. */
const changesIdentity = (
  before: NamedOrganisation,
  { name = before.name, country = before.country }: ChangeOrganisation,
): boolean => name !== before.name || country !== before.country

type NamedOrganisation = { name: string; country: string }

const placeAfterChange = (
  before: Place,
  { country = before.country, region = before.region }: ChangeOrganisation,
) => ({ country, region }) satisfies Place

type Place = { country: string; region?: string | null | undefined }

/** Throws 422 unless the region lies in the country: an ISO 3166-2 code begins with that of its country. */
export function requireRegionInCountry({ country, region }: Place, pointer: '/region' | '/country'): void {
  if (!region || region.startsWith(`${country}-`)) return
  const detail = 'the region and the country must belong together'
  throw invalidBecause({ pointer, code: 'region_of_another_country', detail })
}

/** How long a registration waits for verification. */
export const vouchDays = 30

const insertRow = inserting(organisations)

/** The coordination that created or invited it, or that it asked. */
type OrganisationOrigin = {
  createdByOrganisationId?: string
  invitedById?: string | undefined
  vouchingCoordinationId?: string | undefined
}

export async function insertOrganisation(
  tx: Tx,
  context: ActionContext,
  id: string,
  input: CreateAddressee,
  status: OrganisationStatus,
  origin: OrganisationOrigin,
): Promise<void> {
  await insertRow(tx, {
    id,
    createdAt: context.now,
    updatedAt: context.now,
    status,
    vouchBy: status === 'provisional' ? daysAfter(context.now, vouchDays) : null,
    kind: input.kind,
    name: input.name,
    nameVariants: input.nameVariants ?? [],
    abbreviation: input.abbreviation ?? null,
    ...skeletonColumns(input),
    country: input.country,
    region: input.region ?? null,
    languages: input.languages ?? [],
    industries: input.industries ?? [],
    website: input.website ?? null,
    about: input.about ?? null,
    memberCount: input.memberCount ?? null,
    externalIds: input.externalIds ?? [],
    createdByOrganisationId: origin.createdByOrganisationId ?? null,
    invitedById: origin.invitedById ?? null,
    vouchingCoordinationId: origin.vouchingCoordinationId ?? null,
  })
}

/** The columns computed from the names, which change with them. */
function changedSkeletons(before: Parameters<typeof skeletonColumns>[0], change: ChangeOrganisation) {
  const {
    name = before.name,
    nameVariants = before.nameVariants,
    abbreviation = before.abbreviation,
  } = change
  const isRenamed = ['name', 'nameVariants', 'abbreviation'].some((field) => Object.hasOwn(change, field))
  return !isRenamed ? {} : skeletonColumns({ name, nameVariants, abbreviation })
}

/** Lists the columns one by one, so that a request never chooses a column. */
function changedColumns(change: ChangeOrganisation) {
  const named = {
    name: change.name,
    nameVariants: change.nameVariants,
    abbreviation: change.abbreviation,
    country: change.country,
    region: change.region,
    languages: change.languages,
    industries: change.industries,
    website: change.website,
    about: change.about,
    memberCount: change.memberCount,
    externalIds: change.externalIds,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
