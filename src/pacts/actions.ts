import type { Caller } from '../platform/access.ts'
import { requireMandate, transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { present } from '../platform/database/rows.ts'
import { timeOrderedId } from '../platform/ids.ts'
import { record } from '../platform/ledger/ledger.ts'
import { forbidden, invalidBecause, type Fault } from '../platform/problems.ts'
import { requireVersion, alreadyHolds, type Precondition } from '../platform/ledger/versioned-update.ts'
import { mayRead as mayReadOrganisation } from '../organisations/policy.ts'
import { organisationStatuses } from '../organisations/status/queries.ts'
import { updatePact, lockPact } from './pact-updates.ts'
import type { PartyStatus } from './lifecycle.ts'
import { allowedMoves, mayBeParty, mayRead, declinedParty } from './policy.ts'
import { pactNotFound, pactProposed } from './problems.ts'
import { listPacts, pactById, type PactRow } from './queries.ts'
import type { ChangePact, DraftPact, PactListParameters } from './schemas.ts'
import { pactParties, pacts } from './tables.ts'

/** Returns the pact as this caller may see it. Throws the same 404 for a missing pact and for one they may not read. */
export async function requireReadablePact(db: Db, context: ActionContext, id: string): Promise<PactRow> {
  const row = await pactById(db, id)
  if (!row || !mayRead(context.caller, row)) throw pactNotFound()
  return viewFor(context.caller, row)
}

export async function readPact(db: Db, context: ActionContext, id: string) {
  return presentPact(context.caller, await requireReadablePact(db, context, id))
}

export async function listOwnPacts(db: Db, context: ActionContext, query: PactListParameters) {
  const page = await listPacts(db, context, query)
  return { ...page, data: page.data.map((row) => presentPact(context.caller, viewFor(context.caller, row))) }
}

/** A party that declined keeps seeing the pact as it was at that moment. Nothing shows whether the others continued. */
function viewFor(caller: Caller, row: PactRow): PactRow {
  const left = declinedParty(caller, row.parties)
  if (!left?.declined || left.declinedAt === null || left.declinedVersion === null) return row
  const { id, number, status, acceptedBy, ...proposal } = left.declined
  return present(row, {
    ...nothingAgreed,
    ...proposal,
    status: 'declined',
    version: left.declinedVersion,
    updatedAt: left.declinedAt,
    proposalId: id,
    proposalNumber: number,
    proposalStatus: status,
    parties: row.parties.map((party) => ({
      ...party,
      standing: partyStatusAt(left.declinedVersion, party, [row.proposerId, ...acceptedBy]),
      acceptedCurrent: acceptedBy.includes(party.organisationId),
      signed: false,
    })),
  })
}

const nothingAgreed = { startsOn: null, endsOn: null, noticeDays: null, signBy: null, activatedAt: null }

/** Returns the status of a party at a version. The proposer and those who had accepted the proposal were parties. */
function partyStatusAt(
  version: number | null,
  party: PactRow['parties'][number],
  known: readonly string[],
): PartyStatus {
  const hadLeft = party.declinedVersion !== null && version !== null && party.declinedVersion <= version
  if (hadLeft) return 'declined'
  return known.includes(party.organisationId) ? 'party' : 'invited'
}

/** Adds the fields that depend on the caller. */
function presentPact(caller: Caller, row: PactRow) {
  return present(row, { allowedMoves: allowedMoves(caller, row), proposal: currentProposal(row) })
}

function currentProposal(row: PactRow) {
  const { proposalId: id, proposalNumber: number, proposalStatus: status } = row
  const { authorId, contentDigest, answerBy } = row
  // From a left join: all of these columns are set, or none.
  if (!id || !number || !status || !authorId || !contentDigest || !answerBy) return null
  return { id, url: `/v1/proposals/${id}`, number, status, authorId, contentDigest, answerBy }
}

/** Creates a draft, which only the proposer can see until the first proposal. */
export function draftPact(context: ActionContext, input: DraftPact) {
  return transaction(context, async (tx) => {
    const mandate = await requireProposer(tx, context, input.organisationId)
    await requireEligibleAddressees(tx, context, input)
    const id = timeOrderedId()
    await tx.insert(pacts).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      status: 'draft',
      title: input.title,
      purpose: input.purpose,
      proposerId: input.organisationId,
    })
    await tx.insert(pactParties).values([
      { pactId: id, organisationId: input.organisationId, standing: 'party', addedAt: context.now },
      ...input.partyIds.map((organisationId) => ({
        pactId: id,
        organisationId,
        standing: 'invited' as const,
        addedAt: context.now,
      })),
    ])
    record(tx, context, {
      type: 'pact.drafted',
      subjectId: id,
      subjectVersion: 1,
      organisationId: input.organisationId,
      mandateId: mandate.id,
    })
    return readPact(tx, context, id)
  })
}

/** Changes the title, which is possible only while the pact is a draft. */
export function changePact(context: ActionContext, id: string, version: Precondition, change: ChangePact) {
  return transaction(context, async (tx) => {
    const pact = await lockPact(tx, context, id)
    const mandate = await requireMandate(tx, context, pact.proposerId, 'negotiate')
    requireVersion(pact, version)
    if (pact.status !== 'draft') throw pactProposed(undefined, { currentStatus: pact.status })
    if (alreadyHolds(pact, change)) return readPact(tx, context, id)
    await updatePact(tx, context, pact, {
      type: 'pact.changed',
      by: { organisationId: pact.proposerId, mandateId: mandate.id },
      set: { title: change.title ?? pact.title },
      details: { fields: Object.keys(change).sort() },
    })
    return readPact(tx, context, id)
  })
}

async function requireProposer(tx: Tx, context: ActionContext, organisationId: string) {
  // Without a mandate, the answer is the same whether the organisation exists or not.
  const mandate = await requireMandate(tx, context, organisationId, 'negotiate')
  if (mandate.organisationStatus === 'verified') return mandate
  throw forbidden('Only a verified organisation can propose a pact. Ask a coordinator to verify yours.')
}

/** Refuses invalid addressees. A missing and an invisible organisation get the same fault. */
async function requireEligibleAddressees(
  tx: Tx,
  context: ActionContext,
  { organisationId, partyIds }: DraftPact,
): Promise<void> {
  const known = new Map((await organisationStatuses(tx, partyIds)).map((one) => [one.id, one]))
  const faultOf = (id: string, index: number): Omit<Fault, 'pointer'> | undefined => {
    if (id === organisationId)
      return { code: 'is_the_proposer', detail: 'is the proposer, which is always a party; leave it out' }
    if (partyIds.indexOf(id) < index) return { code: 'duplicate', detail: 'is already in this list' }
    const organisation = known.get(id)
    if (!organisation || !mayReadOrganisation(context.caller, organisation)) {
      return { code: 'unknown_organisation', detail: 'is not an organisation that you can see' }
    }
    if (!mayBeParty(organisation.status)) {
      return { code: 'cannot_be_a_party', detail: `cannot be a party, because it is ${organisation.status}` }
    }
    return undefined
  }
  const errors = partyIds.flatMap((id, index) => {
    const fault = faultOf(id, index)
    return fault ? [{ pointer: `/partyIds/${index}`, ...fault }] : []
  })
  if (errors.length > 0) throw invalidBecause(...errors)
}
