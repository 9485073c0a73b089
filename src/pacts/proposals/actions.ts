import { and, eq } from 'drizzle-orm'
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { digestOf } from '../../platform/wire/canonical-json.ts'
import { dateOf, daysAfter, todayInUtc } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { preferredLanguage } from '../../platform/wire/languages.ts'
import { record, recordAll } from '../../platform/ledger/ledger.ts'
import { invalidBecause, type Fault } from '../../platform/problems.ts'
import { requireReadablePact } from '../actions.ts'
import {
  updatePact,
  requireParty,
  lockPact,
  statusAfter,
  type LockedPact,
  type PartyActor,
} from '../pact-updates.ts'
import { lastReadableProposalNumber, mayRead, remainingParties } from '../policy.ts'
import { proposalNotFound, proposalSuperseded } from '../problems.ts'
import { knownPact } from '../queries.ts'
import { pactParties } from '../tables.ts'
import { closeProposal } from './close-proposal.ts'
import {
  answerDueEntry,
  nextNumber,
  openProposal,
  partiesToAnswer,
  proposalById,
  proposalOfPact,
  proposalsOfPact,
  lockProposalForReminder,
  type ProposalRow,
} from './queries.ts'
import type { Propose, ProposalContent, ProposalListParameters } from './schemas.ts'
import { proposals } from './tables.ts'

const answerDaysMax = 365
const remindedDaysBefore = 3

/** Schedules the reminder of an answer, inside the transaction. */
export type Remind = (tx: Tx, proposalId: string, at: string) => Promise<void>

export type ProposalInput = Omit<Propose, 'organisationId'>

/** How to schedule the reminder, and the place of the proposal in the body, for pointers of faults. */
export type ProposalContext = { remind: Remind; at: string }

/** Makes a proposal. The first one opens the negotiation; a later one, from any party, replaces the open one. */
export function propose(context: ActionContext, pactId: string, input: Propose, remind: Remind) {
  return transaction(context, async (tx) => {
    const pact = await lockPact(tx, context, pactId)
    const by = await requireParty(tx, context, pact, 'negotiate', input.organisationId)
    const id = await createProposal(tx, context, pact, by, input, { remind, at: '' })
    return requireProposalRow(tx, id)
  })
}

/** Creates a proposal for the locked pact. Its author accepts it by that and becomes a party. */
export async function createProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  input: ProposalInput,
  { remind, at }: ProposalContext,
): Promise<string> {
  // A counter-proposal does not move the pact. In any other status than negotiating, `propose` must be allowed.
  const isFirst = pact.status !== 'negotiating'
  if (isFirst) statusAfter(context, pact, 'propose')
  await supersede(tx, context, pact, by, input.supersedesId)
  const parties = remainingParties(pact.parties).map((party) => party.organisationId)
  requireValidProposal(context, input, parties, at)

  const id = timeOrderedId()
  const content = contentOf(pact, await nextNumber(tx, pact.id), parties, input)
  const answerBy = new Date(input.answerBy).toISOString()
  await tx.insert(proposals).values({
    id,
    createdAt: context.now,
    updatedAt: context.now,
    pactId: pact.id,
    number: content.number,
    status: 'open',
    authorId: by.organisationId,
    supersedesId: input.supersedesId ?? null,
    answerBy,
    content,
    contentDigest: digestOf(content),
  })
  await markAsParty(tx, pact, by)
  await updatePact(tx, context, pact, {
    by,
    ...(isFirst ? { type: 'pact.proposed', move: 'propose' } : { type: 'pact.countered' }),
    set: { proposalId: id, proposedAt: pact.proposedAt ?? context.now },
    details: { proposalId: id },
  })
  record(tx, context, {
    type: 'proposal.made',
    subjectId: id,
    subjectVersion: 1,
    organisationId: by.organisationId,
    mandateId: by.mandateId,
    details: { pactId: pact.id, number: content.number },
  })
  const remindAt = daysAfter(answerBy, -remindedDaysBefore)
  if (remindAt > context.now) await remind(tx, id, remindAt)
  return id
}

/** Makes an invited organisation a party, when it accepts or proposes. */
export async function markAsParty(tx: Tx, pact: LockedPact, by: PartyActor): Promise<void> {
  await tx
    .update(pactParties)
    .set({ standing: 'party' })
    .where(
      and(
        eq(pactParties.pactId, pact.id),
        eq(pactParties.organisationId, by.organisationId),
        eq(pactParties.standing, 'invited'),
      ),
    )
}

/** Throws the same 404 for a missing proposal, a foreign one, and one that was made after the caller's party declined. */
export async function readProposal(db: Db, context: ActionContext, id: string): Promise<ProposalRow> {
  const row = await proposalById(db, id)
  const pact = row && (await knownPact(db, row.pactId))
  if (
    !pact ||
    !mayRead(context.caller, pact) ||
    row.number > lastReadableProposalNumber(context.caller, pact)
  )
    throw proposalNotFound()
  return row
}

export async function listProposals(
  db: Db,
  context: ActionContext,
  pactId: string,
  query: ProposalListParameters,
) {
  const pact = await requireReadablePact(db, context, pactId)
  return proposalsOfPact(db, pactId, lastReadableProposalNumber(context.caller, pact), query)
}

/** Adds the text in the language that the reader prefers. */
export function withPreferredText(row: ProposalRow, acceptLanguage: string | undefined) {
  const { texts, authentic } = row.content
  const language = preferredLanguage(acceptLanguage, Object.keys(texts), authentic)
  return {
    ...row,
    text: { language, title: '', body: '', ...texts[language], authentic: language === authentic },
  }
}

/** Called by a job: records one `answer_due` entry for each party that has not answered an open proposal, however often it runs. */
export async function recordAnswerReminder(context: ActionContext, proposalId: string): Promise<void> {
  await transaction(context, async (tx) => {
    await lockProposalForReminder(tx, proposalId)
    const awaited = await partiesToAnswer(tx, proposalId)
    recordAll(
      tx,
      context,
      awaited.map(({ version, organisationId, pactId }) => ({
        type: answerDueEntry,
        subjectId: proposalId,
        subjectVersion: version,
        organisationId,
        details: { pactId },
      })),
    )
    return {}
  })
}

/** Closes the replaced proposal. A counter-proposal must name it, so that nobody replaces a proposal they have not read. */
async function supersede(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  supersedesId: string | undefined,
): Promise<void> {
  if (supersedesId !== undefined)
    await requireProposalOfPact(tx, context, pact, supersedesId, '/supersedesId')
  const open = await openProposal(tx, pact.id)
  if (open?.id !== supersedesId) throw supersededProblem(open)
  if (open) await closeProposal(tx, context, pact.id, 'supersede', by)
}

/** Returns the proposal that a body names. A missing, foreign or invisible one is a fault of the body. */
export async function requireProposalOfPact(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  id: string,
  pointer = '/proposalId',
): Promise<typeof proposals.$inferSelect> {
  const proposal = await proposalOfPact(tx, pact.id, id)
  if (proposal && proposal.number <= lastReadableProposalNumber(context.caller, pact)) return proposal
  const detail = 'is not a proposal of this pact that you can see'
  throw invalidBecause({ pointer, code: 'unknown_proposal', detail })
}

export const supersededProblem = (current: { id: string; contentDigest: string } | undefined) =>
  proposalSuperseded(
    current
      ? `The current proposal is /v1/proposals/${current.id} with the digest ${current.contentDigest}. Read it and decide on it.`
      : 'There is no current proposal. Make a new one.',
  )

/** Throws all faults that only the locked pact and the clock can show. */
function requireValidProposal(
  context: ActionContext,
  input: ProposalInput,
  parties: readonly string[],
  at: string,
): void {
  const known = ['all', ...parties]
  const errors: Fault[] = input.commitments.flatMap(({ giver, beneficiary }, index) => [
    ...(known.includes(giver) ? [] : [notAParty(`${at}/commitments/${index}/giver`)]),
    ...(known.includes(beneficiary) ? [] : [notAParty(`${at}/commitments/${index}/beneficiary`)]),
    ...(giver === beneficiary && giver !== 'all'
      ? [giverIsBeneficiary(`${at}/commitments/${index}/beneficiary`)]
      : []),
  ])
  const answerBy = new Date(input.answerBy).toISOString()
  if (answerBy <= context.now) {
    errors.push({ pointer: `${at}/answerBy`, code: 'in_the_past', detail: 'must be in the future' })
  } else if (answerBy > daysAfter(context.now, answerDaysMax)) {
    errors.push({ pointer: `${at}/answerBy`, code: 'too_far', detail: 'must be within 365 days from now' })
  }
  if (input.term.endsOn !== null && input.term.endsOn < dateOf(context.now)) {
    const detail = `must not be before ${todayInUtc(context.now)}`
    errors.push({ pointer: `${at}/term/endsOn`, code: 'in_the_past', detail })
  }
  if (errors.length > 0) throw invalidBecause(...errors)
}

const notAParty = (pointer: string): Fault => ({
  pointer,
  code: 'not_a_party',
  detail: 'is not a party of this pact',
})
const giverIsBeneficiary = (pointer: string): Fault => ({
  pointer,
  code: 'promise_to_itself',
  detail: 'must be another party than the giver',
})

function contentOf(
  pact: LockedPact,
  number: number,
  parties: readonly string[],
  { authentic, texts, commitments, term, noticeDays }: ProposalInput,
): ProposalContent {
  const { id: pactId, purpose } = pact
  return {
    pactId,
    number,
    purpose,
    parties: [...parties].sort(),
    authentic,
    texts,
    commitments,
    term,
    noticeDays,
  }
}

async function requireProposalRow(db: Db, id: string): Promise<ProposalRow> {
  const row = await proposalById(db, id)
  if (!row) throw proposalNotFound()
  return row
}
