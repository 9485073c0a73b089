/** The rule that a second, independent person must approve in time. The features carry out what was approved. */
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { forbidden } from '../../platform/problems.ts'
import { approvalHours, type FirstApproval } from './lifecycle.ts'
import { faultOfSecond, isLive, isWaiting, type Independence } from './policy.ts'
import { anotherCoordinationNeeded, recovererMayNotLift, secondPersonNeeded } from './problems.ts'
import { lockLiveMandates, tookPartInRecovery } from './queries.ts'

/** Requires a person: throws 403 for an API client, because two calls of one are not two persons. */
export function personOf({ caller }: ActionContext): string {
  if (caller.kind === 'delegate') return caller.delegateId
  throw forbidden('This decision needs a person. Use the token of a delegate.')
}

/** Builds the first approval, which the caller gives with a mandate. */
export const firstApproval = <Id extends string | null>(
  context: ActionContext,
  mandate: { id: Id; organisationId: string },
) => ({
  requestedById: personOf(context),
  requestedMandateId: mandate.id,
  requestedForId: mandate.organisationId,
  expiresAt: hoursAfter(context.now, approvalHours),
})

/** Builds the first approval of the operator, who has no mandate and acts for no organisation. */
export const firstApprovalOfOperator = ({ now }: ActionContext): FirstApproval => ({
  requestedById: null,
  requestedMandateId: null,
  requestedForId: null,
  expiresAt: hoursAfter(now, approvalHours),
})

/** A row that has a first approval only at times: without one, all its columns are null. */
type MaybeApproval = Omit<FirstApproval, 'expiresAt'> & { expiresAt: string | null }

/**
 * Whether a first approval still counts: it has not expired, and its mandate is valid and not under a seal. Locks the
 * mandate, which may be another organisation's.
 */
export async function lockFirstApproval(
  tx: Tx,
  { now }: ActionContext,
  first: MaybeApproval,
  options: { isSealAllowed?: boolean } = {},
): Promise<boolean> {
  if (!isWaiting(first, now)) return false
  if (first.requestedById === null) return true
  // Only the operator has no mandate.
  if (first.requestedMandateId === null) return false
  const [mandate] = await lockLiveMandates(bypassRls(tx), [first.requestedMandateId], now)
  return isLive(mandate, options)
}

/** Requires that the caller may give the second approval; throws 409 otherwise. */
export function requireSecondPerson(
  context: ActionContext,
  first: Pick<FirstApproval, 'requestedById' | 'requestedForId'>,
  independence: Independence = {},
): void {
  if (context.caller.kind !== 'operator') personOf(context)
  const fault = faultOfSecond(first, context.caller, independence)
  if (fault === 'same_organisation') throw anotherCoordinationNeeded()
  if (fault !== undefined) throw secondPersonNeeded()
}

/**
 * Throws 409 if the caller took part in a recovery for the organisation since that instant: a person who gave the first
 * one a token could be that person, and would approve their own request.
 */
export async function requireNoPartInRecovery(
  tx: Tx,
  context: ActionContext,
  recovered: { organisationId: string; since: string },
): Promise<void> {
  if (context.caller.kind === 'operator') return
  if (await tookPartInRecovery(bypassRls(tx), personOf(context), recovered)) throw recovererMayNotLift()
}
