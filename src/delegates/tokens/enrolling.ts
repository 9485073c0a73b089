/** Enrolment links: one-time secrets by which delegates take a token on a device of their own. */
import { and, eq, gt, isNull } from 'drizzle-orm'
import { asService, demandUnsealed, transaction, type Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import type { IdentityProvider } from '../../platform/identity-provider.ts'
import { hashOf, mintSecret } from '../../platform/secrets.ts'
import { accessDelegate, holdCareOf } from '../actions.ts'
import { enrolmentGone, enrolmentLinkNotFound } from '../problems.ts'
import { visibleDelegates } from '../queries.ts'
import { delegates } from '../tables.ts'
import { accountOf, bindAccount } from './binding.ts'
import { issueToken } from './minting.ts'
import type { CreateEnrolmentLink, Enrol } from './schemas.ts'
import { enrolmentLinks } from './tables.ts'

const enrolmentDays = 7

export function createEnrolmentLink(act: Act, delegateId: string, input: CreateEnrolmentLink) {
  return transaction(act, async (tx) => {
    demandUnsealed(act.caller)
    const delegate = await accessDelegate(tx, act.caller, delegateId)
    const mandateId = await holdCareOf(tx, act, delegate)
    const { secret, hash } = mintSecret('enrolment')
    const link = {
      id: blindId(),
      createdAt: act.now,
      expiresAt: daysAfter(act.now, input.days ?? enrolmentDays),
    }
    const createdByDelegateId = act.caller.kind === 'delegate' ? act.caller.delegateId : null
    const scopes = 'scopes' in act.caller ? [...act.caller.scopes] : []
    await tx.insert(enrolmentLinks).values({ ...link, hash, delegateId, createdByDelegateId, scopes })
    await record(tx, act, {
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

export function revokeEnrolmentLink(act: Act, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    const [link] = await tx.select().from(enrolmentLinks).where(eq(enrolmentLinks.id, id)).for('update')
    if (!link) throw enrolmentLinkNotFound()
    const [delegate] = await visibleDelegates(tx, act.caller, { id: link.delegateId, limit: 1 })
    if (!delegate) throw enrolmentLinkNotFound()
    // Colleagues do not learn whether somebody has a link.
    const mandateId = await holdCareOf(tx, act, delegate, enrolmentLinkNotFound)
    if (link.revokedAt || link.usedAt) return {}
    await tx.update(enrolmentLinks).set({ revokedAt: act.now }).where(eq(enrolmentLinks.id, id))
    const { organisationId } = delegate
    await record(tx, act, {
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
 * Takes a token on the delegate's own device, or binds an account of the identity provider. One statement spends the link,
 * so of two at once one wins.
 */
export async function enrol(act: Act, input: Enrol, provider: IdentityProvider | undefined) {
  const { secret, label } = input
  const account = input.accessToken === undefined ? undefined : await accountOf(input.accessToken, provider)
  return transaction(asService(act), async (tx) => {
    const [spent] = await tx
      .update(enrolmentLinks)
      .set({ usedAt: act.now })
      .where(
        and(
          eq(enrolmentLinks.hash, hashOf(secret)),
          isNull(enrolmentLinks.usedAt),
          isNull(enrolmentLinks.revokedAt),
          gt(enrolmentLinks.expiresAt, act.now),
        ),
      )
      .returning({
        id: enrolmentLinks.id,
        delegateId: enrolmentLinks.delegateId,
        scopes: enrolmentLinks.scopes,
      })
    if (!spent) throw enrolmentGone()
    const { delegateId, scopes } = spent
    const organisationId = await organisationOf(tx, delegateId)
    const holder = { kind: 'delegate', delegateId, label, scopes } as const
    const issued = account
      ? await bindAccount(tx, act, account, holder, { organisationId })
      : await issueToken(tx, act, holder, { organisationId })
    await record(tx, act, {
      type: 'enrolment_link.used',
      subjectId: spent.id,
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

async function organisationOf(tx: Tx, delegateId: string): Promise<string | undefined> {
  const [delegate] = await tx
    .select({ organisationId: delegates.organisationId })
    .from(delegates)
    .where(eq(delegates.id, delegateId))
  return delegate?.organisationId
}
