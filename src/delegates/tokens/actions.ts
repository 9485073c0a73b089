import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Caller } from '../../platform/access.ts'
import { requireMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { record, recordAll } from '../../platform/ledger/ledger.ts'
import { forbidden, unauthenticated } from '../../platform/problems.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { lockSealingOrganisations } from '../actions.ts'
import { tokenNotFound } from '../problems.ts'
import { lockDelegateShared } from '../queries.ts'
import { revokeWithDescendants } from './revocation.ts'
import { issueToken, type Holder, type Parent } from './issuance.ts'
import {
  deleteDeadEnrolmentLinks,
  deleteTokensInvalidSince,
  lockValidToken,
  idleTokens,
  revokeIdleToken,
  tokenById,
} from './queries.ts'
import type { MintToken } from './schemas.ts'
import { invalidTokenDaysKept } from './cooling-off.ts'
import { tokens } from './tables.ts'

const operatorTokenDays = 365
/** PostgreSQL's read_only_sql_transaction. */
/**
 * Issues a token for the caller, with no more than their own token allows, or for an API client of an organisation that
 * they administer.
 */
export function mintToken(context: ActionContext, input: MintToken) {
  return transaction(context, async (tx) => {
    await lockSealingOrganisations(tx, context)
    const missingScope = input.scopes.find(
      (scope) => !('scopes' in context.caller && context.caller.scopes.includes(scope)),
    )
    if (missingScope)
      throw forbidden(
        `Your own token lacks the scope ${missingScope}, so it cannot pass it on. Omit the scope, or use a token that has it.`,
      )
    const { organisationId, label, days } = input
    const mandate = organisationId && (await requireMandate(tx, context, organisationId, 'administer'))
    const holder = organisationId ? clientHolder(organisationId, input) : ownHolder(context.caller, input)
    if (holder.kind === 'delegate') await lockDelegateShared(tx, holder.delegateId)
    const parent = await requireParentToken(tx, context)
    const by = { organisationId, mandateId: mandate ? mandate.id : null }
    const issued = await issueToken(tx, context, { ...holder, label, days, parent }, by)
    return { ...(await accessToken(tx, context, issued.id)), secret: issued.token.secret }
  })
}

function ownHolder(caller: Caller, input: MintToken): Holder {
  if (caller.kind !== 'delegate')
    throw forbidden('Only a delegate can issue a token for themselves. Use the token of a delegate.')
  return { kind: 'delegate', delegateId: caller.delegateId, scopes: input.scopes }
}

function clientHolder(organisationId: string, input: MintToken): Holder {
  return { kind: 'client', organisationId, scopes: input.scopes, powers: input.powers ?? [] }
}

/**
 * Locks the token of the caller as the parent of what it creates. A child is revoked with it and expires no later:
 * otherwise a minute with a stolen token would give access for 90 days. After a code of the second factor it may expire
 * later.
 */
async function requireParentToken(tx: Tx, { caller, now }: ActionContext): Promise<Parent> {
  const held = 'tokenId' in caller ? await lockValidToken(tx, caller.tokenId, now) : undefined
  if (!held) throw unauthenticated('The token was revoked a moment ago. Ask for a new one.')
  return { id: held.id, expiresAt: isElevated(caller) ? null : held.expiresAt }
}

const isElevated = (caller: Caller): boolean => caller.kind === 'delegate' && caller.elevated

export async function accessToken(db: Db, context: ActionContext, id: string) {
  const row = await tokenById(db, context, id)
  if (!row) throw tokenNotFound()
  return row
}

/**
 * Revokes a token, what was created with it, and every unused link of the person to themselves, which a thief of the
 * token may have created. A repeated request gives the same answer.
 */
export function revokeToken(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    const row = await accessToken(tx, context, id)
    const mandateId = await requireRightToRevoke(tx, context, row)
    // Bypasses RLS, because an API client of an organisation that the caller has left may be revoked too.
    await revokeWithDescendants(bypassRls(tx), context, [row.id], { mandateId })
    return {}
  })
}

/** Revokes idle tokens. Called by a job. What such a token created may be in use, so it stays. */
export const idleTokenRevocation: Sweep = {
  due: idleTokens,
  carryOut: async (tx, context, id) => {
    const ended = await revokeIdleToken(tx, id, context.now)
    if (!ended) return false
    const organisationId = ended.organisationId ?? undefined
    record(tx, context, { type: 'token.revoked', subjectId: id, subjectVersion: 2, organisationId })
    return true
  },
}

type RevocableToken = { id: string; organisation: { id: string } | null }

/**
 * Throws 403 unless the token revokes itself, or a delegate with the scope revokes it and, for an API client,
 * administers the organisation.
 */
async function requireRightToRevoke(
  tx: Tx,
  context: ActionContext,
  { id, organisation }: RevocableToken,
): Promise<string | null> {
  const { caller } = context
  if ('tokenId' in caller && caller.tokenId === id) return null
  if (caller.kind !== 'delegate')
    throw forbidden('This token can revoke only itself. Ask a delegate to do it.')
  if (!caller.scopes.includes('delegates:write')) {
    throw forbidden('The token lacks the scope delegates:write. Use one that has it.')
  }
  return organisation === null ? null : (await requireMandate(tx, context, organisation.id, 'administer')).id
}

/** Returns the operator's first token, once in the life of a database; afterwards undefined. */
export async function firstOperatorToken(context: ActionContext): Promise<string | undefined> {
  const made = await transaction(context, async (tx): Promise<{ secret?: string }> => {
    await tx.execute(sql`lock table ${tokens} in share row exclusive mode`)
    const existing = await tx
      .select({ id: tokens.id })
      .from(tokens)
      .where(eq(tokens.kind, 'operator'))
      .limit(1)
    return existing.length > 0 ? {} : issueOperatorToken(tx, context)
  })
  return made.secret
}

/** Issues a new token to an operator who lost theirs and has shell access; revokes the older ones. */
export async function replaceOperatorToken(context: ActionContext): Promise<string> {
  const made = await transaction(context, async (tx) => {
    const older = await tx
      .update(tokens)
      .set({ revokedAt: context.now })
      .where(and(eq(tokens.kind, 'operator'), isNull(tokens.revokedAt)))
      .returning({ id: tokens.id })
    recordAll(
      tx,
      context,
      older.map(({ id }) => ({ type: 'token.revoked', subjectId: id, subjectVersion: 2 })),
    )
    return issueOperatorToken(tx, context)
  })
  return made.secret
}

async function issueOperatorToken(tx: Tx, context: ActionContext): Promise<{ secret: string }> {
  const holder = { kind: 'operator', label: 'operator', days: operatorTokenDays } as const
  const { token } = await issueToken(tx, context, holder)
  return { secret: token.secret }
}

/** Deletes expired tokens, and used, revoked or expired links. */
export async function deleteDeadSecrets(tx: Tx, now: string, limit: number): Promise<number> {
  const counts = [
    await deleteTokensInvalidSince(tx, daysAfter(now, -invalidTokenDaysKept), limit),
    await deleteDeadEnrolmentLinks(tx, now, limit),
  ]
  return Math.max(...counts)
}
