import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { digestOf } from '../../platform/wire/canonical-json.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { forbidden } from '../../platform/problems.ts'
import { verifyReceipt, type PublicJwk, type Receipt, type Signer } from '../../platform/ledger/receipts.ts'
import { statusNow } from '../../organisations/status/queries.ts'
import { requireReadablePact } from '../actions.ts'
import { activatePact, requireEligibleParties } from '../agreement.ts'
import {
  updatePact,
  requireParty,
  lockPact,
  statusAfter,
  type LockedPact,
  type PartyActor,
} from '../pact-updates.ts'
import type { PactStatus } from '../lifecycle.ts'
import { lastReadableProposalNumber } from '../policy.ts'
import { alreadySigned, pactNotFound, proposalNotFound, signedTooLate } from '../problems.ts'
import { requireProposalOfPact, supersededProblem } from '../proposals/actions.ts'
import { proposalById, type ProposalRow } from '../proposals/queries.ts'
import { signaturesOfPact, signedBy, type SignatureRow } from './queries.ts'
import type { Sign } from './schemas.ts'
import { signatures, type SignaturePayload } from './tables.ts'

/** Signs the accepted proposal for an organisation. The last signature puts the pact into force. */
export function sign(context: ActionContext, pactId: string, input: Sign, signer: Signer) {
  return transaction(context, async (tx) => {
    const pact = await lockPact(tx, context, pactId)
    const by = await requireParty(tx, context, pact, 'sign', input.organisationId)
    const { mandateId } = by
    if (context.caller.kind !== 'delegate' || mandateId === null)
      throw forbidden(
        'Only a person can sign. Use the token of a delegate whose mandate has the power "sign".',
      )
    const proposal = await requireReadProposal(tx, context, pact, input)
    await requireSignable(tx, context, pact, by, proposal)
    const payload: SignaturePayload = {
      purpose: 'pact-signature',
      pactId,
      proposalId: proposal.id,
      contentDigest: proposal.contentDigest,
      organisationId: by.organisationId,
      mandateId,
      signedAt: context.now,
    }
    const id = await insertSignature(tx, context.caller.delegateId, signer.sign(payload))
    const details = { proposalId: proposal.id, signatureId: id }
    const updated = await updatePact(tx, context, pact, { type: 'pact.signed', by, details })
    const signed = await signedBy(tx, proposal.id)
    if (proposal.content.parties.every((party) => signed.includes(party))) {
      await activatePact(tx, context, updated, by, proposal.content)
    }
    return requireSignatureRow(tx, context, updated, id)
  })
}

export async function listSignatures(db: Db, context: ActionContext, pactId: string) {
  const pact = await requireReadablePact(db, context, pactId)
  const rows = await signaturesOfPact(db, pactId, lastReadableProposalNumber(context.caller, pact))
  return rows.map((row) => present(row, pact))
}

/** Returns everything that anyone needs to verify, without this service, what was signed and by which parties. */
export async function verifyPact(db: Db, context: ActionContext, pactId: string, keys: readonly PublicJwk[]) {
  const pact = await requireReadablePact(db, context, pactId)
  const lastNumber = lastReadableProposalNumber(context.caller, pact)
  const proposal = pact.proposalId === null ? undefined : await proposalById(db, pact.proposalId)
  if (!proposal || proposal.number > lastNumber)
    throw proposalNotFound('Nothing is there to be verified yet. Come back when a proposal has been made.')
  const { id, content, contentDigest } = proposal
  const rows = await signaturesOfPact(db, pactId, lastNumber)
  const checked = rows
    .filter((row) => row.proposalId === id)
    .map((row) => ({ ...row, holds: isGenuine(row, proposal, keys) }))
  const textHolds = digestOf(content) === contentDigest
  const signed = checked.map((row) => row.party.id)
  return {
    pactId,
    pactStatus: pact.status,
    proposal: { id, content, contentDigest, holds: textHolds },
    signatures: checked,
    complete: content.parties.every((party) => signed.includes(party)),
    holds: textHolds && checked.every((row) => row.holds),
  }
}

/** Throws if the party cannot sign now. A receipt cannot be taken back, so all checks come before it is made. */
async function requireSignable(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  proposal: ProposalRow,
): Promise<void> {
  if ((await signedBy(tx, proposal.id)).includes(by.organisationId)) throw alreadySigned()
  statusAfter(context, pact, 'activate')
  // The job that lapses it may not have run yet.
  if (pact.signBy !== null && pact.signBy < context.now) throw signedTooLate()
  await requireEligibleParties(tx, proposal.content)
}

/** Returns the accepted proposal. Throws if the signatory read another one or another text. */
async function requireReadProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  input: Sign,
): Promise<ProposalRow> {
  await requireProposalOfPact(tx, context, pact, input.proposalId)
  const current = pact.proposalId === null ? undefined : await proposalById(tx, pact.proposalId)
  if (current?.id !== input.proposalId || current.contentDigest !== input.contentDigest) {
    throw supersededProblem(current)
  }
  return current
}

/** Inserts the signature. The unique constraint refuses a second one of the same party. */
async function insertSignature(
  tx: Tx,
  delegateId: string,
  receipt: Receipt<SignaturePayload>,
): Promise<string> {
  const { pactId, proposalId, contentDigest, organisationId, mandateId, signedAt } = receipt.payload
  const id = timeOrderedId()
  await tx.insert(signatures).values({
    id,
    signedAt,
    pactId,
    proposalId,
    contentDigest,
    organisationId,
    organisationStatus: statusNow(organisationId),
    delegateId,
    mandateId,
    receipt,
  })
  return id
}

/** Whether the receipt verifies and its payload matches the row: a receipt proves only its payload. */
function isGenuine(row: SignatureRow, proposal: ProposalRow, keys: readonly PublicJwk[]): boolean {
  const { payload } = row.receipt
  const namesTheSignature =
    payload.purpose === 'pact-signature' &&
    payload.pactId === proposal.pactId &&
    payload.proposalId === proposal.id &&
    payload.contentDigest === digestOf(proposal.content) &&
    payload.organisationId === row.party.id &&
    payload.signedAt === row.signedAt
  return namesTheSignature && verifyReceipt(row.receipt, { keys }).ok
}

/** Marks signatures of a replaced text, or of a pact that never came into force, as void. */
const present = (row: SignatureRow, pact: { proposalId: string | null; status: PactStatus }) => ({
  ...row,
  void: row.proposalId !== pact.proposalId || !bindingStatuses.includes(pact.status),
})

/** In these statuses, signatures bind or may still come to bind. */
const bindingStatuses: readonly PactStatus[] = ['signing', 'active', 'expired']

async function requireSignatureRow(tx: Tx, context: ActionContext, pact: LockedPact, id: string) {
  const rows = await signaturesOfPact(tx, pact.id, lastReadableProposalNumber(context.caller, pact))
  const row = rows.find((one) => one.id === id)
  if (!row) throw pactNotFound()
  return present(row, pact)
}
