import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { type Caller } from '../../platform/access.ts'
import { holdMandate, transaction, type Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import { hashOf, mintSecret } from '../../platform/secrets.ts'
import { accessDelegate } from '../actions.ts'
import { isSelf, mayChangeDelegate } from '../policy.ts'
import { enrolmentGone, enrolmentLinkNotFound, tokenNotFound } from '../problems.ts'
import { visibleDelegates } from '../queries.ts'
import { issueToken, tokenDaysDefault, type Holder } from './minting.ts'
import { tokenById, visibleTokens } from './queries.ts'
import type { CreateEnrolmentLink, MintToken } from './schemas.ts'
import { enrolmentLinks, tokens } from './tables.ts'

const enrolmentDays = 7
const operatorTokenDays = 365

/** A delegate mints for themselves, never with more than the token they hold; a secretary for the organisation. */
export function mintToken(act: Act, input: MintToken) {
  return transaction(act, async (tx) => {
    const lacking = input.scopes.find(
      (scope) => !('scopes' in act.caller && act.caller.scopes.includes(scope)),
    )
    if (lacking) throw forbidden(`Your own token lacks the scope ${lacking}, so it cannot give it.`)
    const { organisationId, label, days } = input
    const mandate = organisationId && (await holdMandate(tx, act, organisationId, 'administer'))
    const holder = organisationId ? clientHolder(organisationId, input) : ownHolder(act.caller, input)
    const issued = await issueToken(tx, act, { ...holder, label, days })
    await record(tx, act, {
      type: 'token.minted',
      subjectId: issued.id,
      subjectVersion: 1,
      organisationId,
      mandateId: mandate ? mandate.id : undefined,
      details: { kind: holder.kind, scopes: input.scopes },
    })
    return { ...(await accessToken(tx, act.caller, issued.id)), secret: issued.token.secret }
  })
}

function ownHolder(caller: Caller, input: MintToken): Holder {
  if (caller.kind !== 'delegate') throw forbidden('Only a delegate can mint a token for themselves.')
  return { kind: 'delegate', delegateId: caller.delegateId, scopes: input.scopes }
}

function clientHolder(organisationId: string, input: MintToken): Holder {
  return { kind: 'client', organisationId, scopes: input.scopes, powers: input.powers ?? [] }
}

export async function accessToken(db: Tx | Act['read'], caller: Caller, id: string) {
  const row = await tokenById(db, caller, id)
  if (!row) throw tokenNotFound()
  return row
}

export const listTokens = (act: Act) => visibleTokens(act.read, act.caller)

/** Asked twice, it answers twice the same: a token that is dead stays dead. */
export function revokeToken(act: Act, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    const row = await accessToken(tx, act.caller, id)
    const mandateId = await holdRightToRevoke(tx, act, row)
    const revoked = await tx
      .update(tokens)
      .set({ revokedAt: act.now })
      .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
      .returning({ id: tokens.id })
    if (revoked.length > 0) {
      const organisationId = row.organisation?.id
      await record(tx, act, {
        type: 'token.revoked',
        subjectId: id,
        subjectVersion: 2,
        organisationId,
        mandateId,
      })
    }
    return {}
  })
}

type Revocable = { id: string; organisation: { id: string } | null }

/** A token always ends itself; another's end takes a person with the scope, and for a client the power. */
async function holdRightToRevoke(tx: Tx, act: Act, { id, organisation }: Revocable): Promise<string | null> {
  const { caller } = act
  if ('tokenId' in caller && caller.tokenId === id) return null
  if (caller.kind !== 'delegate')
    throw forbidden('This token can revoke only itself. Ask a delegate to do it.')
  if (!caller.scopes.includes('delegates:write')) {
    throw forbidden('The token lacks the scope delegates:write. Use one that has it.')
  }
  return organisation === null ? null : (await holdMandate(tx, act, organisation.id, 'administer')).id
}

export function createEnrolmentLink(act: Act, delegateId: string, input: CreateEnrolmentLink) {
  return transaction(act, async (tx) => {
    const delegate = await accessDelegate(tx, act.caller, delegateId)
    if (!mayChangeDelegate(act.caller, delegate)) {
      throw forbidden('Only the secretary who made the delegate known can enrol them, or they themselves.')
    }
    if (!isSelf(act.caller, delegateId)) await holdMandate(tx, act, delegate.organisationId, 'administer')
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
    if (!mayChangeDelegate(act.caller, delegate)) {
      throw forbidden('Only the delegate and the secretary who made them known can revoke this.')
    }
    if (link.revokedAt || link.usedAt) return {}
    await tx.update(enrolmentLinks).set({ revokedAt: act.now }).where(eq(enrolmentLinks.id, id))
    const { organisationId } = delegate
    await record(tx, act, {
      type: 'enrolment_link.revoked',
      subjectId: id,
      subjectVersion: 2,
      organisationId,
    })
    return {}
  })
}

/** Takes a token on the delegate's own device. One statement spends the link, so of two at once one wins. */
export function enrol(act: Act, secret: string, label: string) {
  return transaction(act, async (tx) => {
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
    const { scopes } = spent
    const issued = await issueToken(tx, act, {
      kind: 'delegate',
      delegateId: spent.delegateId,
      label,
      scopes,
    })
    await record(tx, act, {
      type: 'delegate.enrolled',
      subjectId: spent.delegateId,
      subjectVersion: 1,
      details: { linkId: spent.id, tokenId: issued.id },
    })
    const { secret: tokenSecret, expiresAt } = issued.token
    return {
      id: issued.id,
      secret: tokenSecret,
      expiresAt,
      scopes,
      delegateUrl: `/v1/delegates/${spent.delegateId}`,
    }
  })
}

/** Returns the operator's first token, once in the life of a database; undefined ever after. */
export async function firstOperatorToken(act: Act): Promise<string | undefined> {
  const made = await transaction(act, async (tx): Promise<{ secret?: string }> => {
    await tx.execute(sql`lock table ${tokens} in share row exclusive mode`)
    const existing = await tx
      .select({ id: tokens.id })
      .from(tokens)
      .where(eq(tokens.kind, 'operator'))
      .limit(1)
    return existing.length > 0 ? {} : mintForOperator(tx, act)
  })
  return made.secret
}

/** For an operator who lost theirs and has the shell: the older ones stop working. */
export async function replaceOperatorToken(act: Act): Promise<string> {
  const made = await transaction(act, async (tx) => {
    await tx
      .update(tokens)
      .set({ revokedAt: act.now })
      .where(and(eq(tokens.kind, 'operator'), isNull(tokens.revokedAt)))
    return mintForOperator(tx, act)
  })
  return made.secret
}

async function mintForOperator(tx: Tx, act: Act): Promise<{ secret: string }> {
  const issued = await issueToken(tx, act, { kind: 'operator', label: 'operator', days: operatorTokenDays })
  await record(tx, act, {
    type: 'token.minted',
    subjectId: issued.id,
    subjectVersion: 1,
    details: { kind: 'operator' },
  })
  return { secret: issued.token.secret }
}

/** Removes what can no longer be used: expired tokens and spent, revoked or expired links. */
export async function forgetDeadSecrets(act: Act): Promise<void> {
  const before = daysAfter(act.now, -tokenDaysDefault)
  await transaction(act, async (tx) => {
    await tx.delete(tokens).where(and(lt(tokens.expiresAt, before), sql`${tokens.kind} <> 'operator'`))
    await tx
      .delete(enrolmentLinks)
      .where(
        or(
          lt(enrolmentLinks.expiresAt, act.now),
          lt(enrolmentLinks.usedAt, act.now),
          lt(enrolmentLinks.revokedAt, act.now),
        ),
      )
    return {}
  })
}
