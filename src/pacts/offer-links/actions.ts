import type { Caller } from '../../platform/access.ts'
import { requireMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record, recordAll } from '../../platform/ledger/ledger.ts'
import { invalidBecause } from '../../platform/problems.ts'
import { mintSecret } from '../../platform/secrets.ts'
import { lockStatuses, sealedOrganisations } from '../../organisations/status/queries.ts'
import type { Sealed } from '../../organisations/seals/actions.ts'
import { lockPact, type LockedPact } from '../pact-updates.ts'
import { mayRead, remainingParties } from '../policy.ts'
import { hasAccount, linkGone, linkUsed, nothingOffered, offerLinkNotFound } from '../problems.ts'
import { knownPact } from '../queries.ts'
import {
  deleteLinksEndedBefore,
  lockLiveLink,
  linkByHash,
  listLinks,
  offerLinkById,
  revokeLiveLinks,
  revokeLiveLinksOfOrganisations,
  spendLiveLink,
  type OfferLinkRow,
} from './queries.ts'
import type { CreateOfferLink, LinkStatus, OfferLinkListParameters } from './schemas.ts'
import { offerLinks } from './tables.ts'

const linkDaysDefault = 30
/** For so long an ended link answers 410. Then it is deleted and answers 401. */
const endedLinkDaysKept = 30

export type LinkCaller = Extract<Caller, { kind: 'link' }>

/**
 * Finds the caller of a link. Throws 410 for a used, expired or revoked link. With `repeats`, a used link passes, because the
 * request may repeat the one that used it (Idempotency-Key); `lockLink` and `spendLink` refuse everything else.
 */
export async function callerByLinkHash(
  db: Db,
  hash: Buffer,
  now: string,
  repeats: boolean,
): Promise<LinkCaller | undefined> {
  const link = await linkByHash(db, hash)
  if (!link) return undefined
  const status = statusOf(link, now)
  if (status !== 'live' && !(status === 'used' && repeats)) throw linkGone()
  // An organisation with an account answers with its own tokens.
  if (status === 'live' && link.organisationStatus !== 'unclaimed') throw linkGone()
  const { id: linkId, pactId: linkedId, organisationId, sealVersion } = link
  const sealed = await sealedOrganisations(db, sealVersion)
  return { kind: 'link', linkId, linkedId, organisationId, sealedOrganisations: sealed }
}

/** Uses the link up. Of several concurrent attempts, one succeeds. */
export async function spendLink(tx: Tx, context: ActionContext, link: LinkCaller): Promise<void> {
  const spent = await spendLiveLink(tx, link.linkId, context.now)
  if (spent.length === 0) throw linkGone()
  record(tx, context, {
    type: 'offer_link.used',
    subjectId: link.linkId,
    subjectVersion: 2,
    organisationId: link.organisationId,
    details: { pactId: link.linkedId },
  })
}

/** Locks a live link, for answers that do not use it up. */
export async function lockLink(tx: Tx, context: ActionContext, link: LinkCaller): Promise<void> {
  const held = await lockLiveLink(tx, link.linkId, context.now)
  if (held.length === 0) throw linkGone()
}

export function createOfferLink(context: ActionContext, input: CreateOfferLink, publicUrl: string) {
  return transaction(context, async (tx) => {
    const pact = await lockOfferedPact(tx, context, input.pactId)
    const mandate = await requireMandate(tx, context, pact.proposerId, 'negotiate')
    await requireAddresseeWithoutAccount(tx, pact, input.organisationId)
    const { secret, hash } = mintSecret('link')
    const id = randomId()
    await tx.insert(offerLinks).values({
      id,
      hash,
      pactId: pact.id,
      organisationId: input.organisationId,
      createdAt: context.now,
      expiresAt: daysAfter(context.now, input.days ?? linkDaysDefault),
    })
    record(tx, context, {
      type: 'offer_link.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId: pact.proposerId,
      mandateId: mandate.id,
      details: { pactId: pact.id, addresseeId: input.organisationId },
    })
    const link = await readOfferLink(tx, context, id)
    // A browser does not send the fragment, so the secret reaches no server, proxy or log.
    return { ...link, secret, offerUrl: `${publicUrl}/offer#${secret}` }
  })
}

export async function readOfferLink(db: Db, context: ActionContext, id: string) {
  const row = await offerLinkById(db, context, id)
  if (!row) throw offerLinkNotFound()
  return present(row, context.now)
}

export async function listOfferLinks(db: Db, context: ActionContext, query: OfferLinkListParameters) {
  const page = await listLinks(db, context, query)
  return { ...page, data: page.data.map((row) => present(row, context.now)) }
}

/** Revokes a link. Repeating it is no error; throws 409 for a link that was used. */
export function revokeOfferLink(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    const row = await offerLinkById(tx, context, id)
    if (!row) throw offerLinkNotFound()
    const mandate = await requireMandate(tx, context, row.proposerId, 'negotiate')
    const by = { organisationId: row.proposerId, mandateId: mandate.id }
    const revoked = await revokeLiveLinks(tx, { id }, context.now)
    // If it was used meanwhile, the use came first.
    if (revoked.length === 0 && (await readOfferLink(tx, context, id)).status === 'used') throw linkUsed()
    recordRevoked(tx, context, revoked, by)
    return {}
  })
}

/** Revokes all links from and to the organisations when they are sealed, also for pacts that another seal hides from them. */
export async function revokeAllLinks(tx: Tx, context: ActionContext, sealed: Sealed): Promise<void> {
  const { organisationId, mandateId, organisationIds } = sealed
  const ended = await revokeLiveLinksOfOrganisations(bypassRls(tx), organisationIds, context.now)
  recordRevoked(tx, context, ended, { organisationId, mandateId })
}

type Revoked = { id: string; pactId: string }

export const recordRevoked = (
  tx: Tx,
  context: ActionContext,
  revoked: readonly Revoked[],
  by: { organisationId: string; mandateId: string | null },
): void =>
  recordAll(
    tx,
    context,
    revoked.map(({ id, pactId }) => ({
      type: 'offer_link.revoked',
      subjectId: id,
      subjectVersion: 2,
      ...by,
      details: { pactId },
    })),
  )

/** Called by a job. */
export const deleteOldLinks = (tx: Tx, now: string, limit: number): Promise<number> =>
  deleteLinksEndedBefore(tx, daysAfter(now, -endedLinkDaysKept), limit)

const present = (row: OfferLinkRow, now: string) => ({ ...row, status: statusOf(row, now) })

function statusOf(
  link: { usedAt: string | null; revokedAt: string | null; expiresAt: string },
  now: string,
): LinkStatus {
  if (link.usedAt !== null) return 'used'
  if (link.revokedAt !== null) return 'revoked'
  return link.expiresAt <= now ? 'expired' : 'live'
}

/** Locks the pact that the body names. A missing or invisible one is a fault of the body. */
async function lockOfferedPact(tx: Tx, context: ActionContext, id: string): Promise<LockedPact> {
  const known = await knownPact(tx, id)
  if (known && mayRead(context.caller, known)) return lockPact(tx, context, id)
  const detail = 'is not a pact that you can see'
  throw invalidBecause({ pointer: '/pactId', code: 'unknown_pact', detail })
}

/** Throws unless the addressee is an invited party without an account. A link must not answer for one that has an account. */
async function requireAddresseeWithoutAccount(
  tx: Tx,
  pact: LockedPact,
  organisationId: string,
): Promise<void> {
  const invited = remainingParties(pact.parties).some((party) => party.organisationId === organisationId)
  if (!invited || organisationId === pact.proposerId) {
    const detail = 'is not an invited party of this pact'
    throw invalidBecause({ pointer: '/organisationId', code: 'not_a_party', detail })
  }
  // Locked, so that a concurrent claim either comes first or revokes this link.
  const [organisation] = await lockStatuses(tx, [organisationId])
  if (organisation?.status !== 'unclaimed') throw hasAccount()
  if (!statusesWithOffer.includes(pact.status))
    throw nothingOffered(undefined, { currentStatus: pact.status })
}

const statusesWithOffer: readonly string[] = ['negotiating', 'signing']
