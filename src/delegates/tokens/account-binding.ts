/**
 * Accounts of the identity provider that act for a delegate. Each is stored as a token whose secret is the account, so
 * that it is listed, revoked, elevated and erased like any other.
 */
import { and, eq, isNotNull, lte, or } from 'drizzle-orm'
import type { Caller, Scope } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import type { IdentityProvider, VerifiedAccount } from '../../platform/outbound/identity-provider.ts'
import { invalidBecause, unauthenticated } from '../../platform/problems.ts'
import { callerByTokenHash } from '../queries.ts'
import { recordToken, type IssuedBy, type Provenance } from './issuance.ts'
import { tokens } from './tables.ts'

/** A person who knows the delegate must confirm the account again once a year. */
const bindingDays = 366

/** Verifies an access token of the identity provider. Throws 422 for an invalid one. */
export async function verifyAccount(
  accessToken: string,
  provider: IdentityProvider | undefined,
): Promise<VerifiedAccount> {
  const account = await provider?.vouch(accessToken)
  if (account) return account
  throw invalidBecause({
    pointer: '/accessToken',
    code: provider ? 'invalid_token' : 'no_identity_provider',
    detail: provider
      ? 'must be a valid access token of the identity provider, issued for this service'
      : 'cannot be used: this service has no identity provider; omit it',
  })
}

export async function bindAccount(
  tx: Tx,
  context: ActionContext,
  { hash }: VerifiedAccount,
  holder: { kind: 'delegate'; delegateId: string; label: string; scopes: Scope[] } & Provenance,
  by: IssuedBy,
) {
  // An earlier binding of the account that was revoked or has expired is replaced.
  const isOver = or(isNotNull(tokens.revokedAt), lte(tokens.expiresAt, context.now))
  await tx.delete(tokens).where(and(eq(tokens.hash, hash), isOver))
  const { id, token } = await recordToken(tx, context, { ...holder, hash, days: bindingDays }, by)
  return { id, token: { secret: null, ...token } }
}

/** The scopes of an account can narrow those given at enrolment, but never widen them. */
export async function callerOfAccount(
  db: Db,
  account: VerifiedAccount,
  now: string,
): Promise<Caller | undefined> {
  const caller = await callerByTokenHash(db, account.hash, now)
  if (!caller) throw unauthenticated(unbound)
  if (!account.scopes || !('scopes' in caller)) return caller
  return { ...caller, scopes: caller.scopes.filter((scope) => account.scopes?.includes(scope)) }
}

const unbound =
  'The identity provider accepts this token, but its account is not bound to a delegate. Ask your secretary for an enrolment link, and send its secret to POST /v1/enrolments with this token as accessToken.'
