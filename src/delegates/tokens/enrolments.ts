/** Enrolment links: one-time secrets with which delegates get a token on their own device. */
import { eq } from 'drizzle-orm'
import { asService, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import type { IdentityProvider } from '../../platform/outbound/identity-provider.ts'
import { hashOf, mintSecret } from '../../platform/secrets.ts'
import { forbidden, unauthenticated } from '../../platform/problems.ts'
import { accessDelegate, requireSelfOrAdministrator, lockSealingOrganisations } from '../actions.ts'
import { lockOrganisationsShared } from '../mandates/queries.ts'
import { isSelf } from '../policy.ts'
import { enrolmentGone, enrolmentLinkNotFound } from '../problems.ts'
import { lockDelegateShared, visibleDelegates } from '../queries.ts'
import { verifyAccount, bindAccount } from './account-binding.ts'
import { earlierOf, issueToken, type Provenance } from './issuance.ts'
import { lockValidToken, markLinkUsed, unusedLinkByHash, type UnusedLink } from './queries.ts'
import type { CreateEnrolmentLink, Enrol } from './schemas.ts'
import { enrolmentLinks } from './tables.ts'

const enrolmentDays = 7

export function createEnrolmentLink(context: ActionContext, delegateId: string, input: CreateEnrolmentLink) {
  return transaction(context, async (tx) => {
    const delegate = await accessDelegate(tx, context, delegateId)
    await lockSealingOrganisations(tx, context, delegateId)
    const mandateId = await requireSelfOrAdministrator(tx, context, delegate)
    await lockDelegateShared(tx, delegateId)
    const made = await requireCreator(tx, context)
    const { secret, hash } = mintSecret('enrolment')
    const link = {
      id: randomId(),
      createdAt: context.now,
      expiresAt: earlierOf(
        daysAfter(context.now, input.days ?? enrolmentDays),
        isSelf(context.caller, delegateId) ? made.expiresAt : null,
      ),
    }
    const { createdByDelegateId, madeWithId, scopes } = made
    await tx
      .insert(enrolmentLinks)
      .values({ ...link, hash, delegateId, createdByDelegateId, madeWithId, scopes })
    record(tx, context, {
      type: 'enrolment_link.created',
      subjectId: link.id,
      subjectVersion: 1,
      organisationId: delegate.organisationId,
      mandateId,
      details: { delegateId },
    })
    return { ...link, secret }
  })
}

/** Locks the token that creates the link: its revocation comes first and stops this, or finds the link. */
async function requireCreator(tx: Tx, { caller, now }: ActionContext) {
  if (caller.kind !== 'delegate')
    throw forbidden('Only a delegate can create an enrolment link. Use the token of a delegate.')
  const held = await lockValidToken(tx, caller.tokenId, now)
  if (!held) throw unauthenticated('The token was revoked a moment ago. Ask for a new one.')
  const { delegateId: createdByDelegateId, scopes } = caller
  return { createdByDelegateId, madeWithId: held.id, scopes: [...scopes], expiresAt: held.expiresAt }
}

export function revokeEnrolmentLink(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    const [link] = await tx.select().from(enrolmentLinks).where(eq(enrolmentLinks.id, id)).for('update')
    if (!link) throw enrolmentLinkNotFound()
    const [delegate] = await visibleDelegates(tx, context, { id: link.delegateId, limit: 1 })
    if (!delegate) throw enrolmentLinkNotFound()
    // Answers 404, because colleagues may not learn whether a person has a link.
    const mandateId = await requireSelfOrAdministrator(tx, context, delegate, enrolmentLinkNotFound)
    if (link.revokedAt || link.usedAt) return {}
    await tx.update(enrolmentLinks).set({ revokedAt: context.now }).where(eq(enrolmentLinks.id, id))
    const { organisationId } = delegate
    record(tx, context, {
      type: 'enrolment_link.revoked',
      subjectId: id,
      subjectVersion: 2,
      organisationId,
      mandateId,
    })
    return {}
  })
}

/**
 * Issues a token for an enrolment link, or binds an account of the identity provider to it. One statement uses up the
 * link, so of two concurrent requests one succeeds. An erasure or a seal comes first and has revoked the link, or finds
 * the token.
 */
export async function enrol(context: ActionContext, input: Enrol, provider: IdentityProvider | undefined) {
  const { secret, label } = input
  const account =
    input.accessToken === undefined ? undefined : await verifyAccount(input.accessToken, provider)
  return transaction(asService(context), async (tx) => {
    const link = await unusedLinkByHash(tx, hashOf(secret), context.now)
    if (link) await lockOrganisationsShared(tx, [link.delegateId])
    // Locks the person before the link, as an erasure does.
    const person = link && (await lockDelegateShared(tx, link.delegateId))
    if (!link || !person || !(await markLinkUsed(tx, link.id, context.now))) throw enrolmentGone()
    const { organisationId } = person
    const { delegateId, scopes } = link
    const holder = { kind: 'delegate', delegateId, label, scopes, ...provenanceOf(link) } as const
    const issued = account
      ? await bindAccount(
          tx,
          context,
          account,
          { ...holder, origin: 'identity_provider' },
          { organisationId },
        )
      : await issueToken(tx, context, holder, { organisationId })
    record(tx, context, {
      type: 'enrolment_link.used',
      subjectId: link.id,
      subjectVersion: 2,
      organisationId,
      details: { delegateId, tokenId: issued.id },
    })
    const { secret: tokenSecret, expiresAt } = issued.token
    return {
      id: issued.id,
      secret: tokenSecret,
      expiresAt,
      scopes,
      delegateUrl: `/v1/delegates/${delegateId}`,
    }
  })
}

/** A link to oneself continues the token that created it; a link from others starts anew. */
function provenanceOf(link: UnusedLink): Provenance {
  const { createdByDelegateId, delegateId, madeWithId, madeWithExpiresAt } = link
  // Two coordinators created it, and neither administers the organisation.
  if (createdByDelegateId === null) return { origin: 'recovery' }
  if (createdByDelegateId !== delegateId) return { origin: 'enrolment', byAdministrator: true }
  const parent = madeWithId === null ? undefined : { id: madeWithId, expiresAt: madeWithExpiresAt }
  return { origin: 'enrolment', parent }
}
