/** An organisation keeps an administrator, and what a mandate created is revoked with it. */
import { revokeInvitations } from '../../organisations/invitations/actions.ts'
import { organisationLifecycle, type OrganisationStatus } from '../../organisations/lifecycle.ts'
import { isVouchedFor } from '../../organisations/policy.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { type Power } from '../../platform/access.ts'
import { type ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { movesFrom } from '../../platform/lifecycle/lifecycle.ts'
import { lastAdministrator } from '../problems.ts'
import { revokeSecretsOfAdministrator } from '../tokens/revocation.ts'
import { hasOtherAdministration, hasOtherAdministrator, hasOtherPeople } from './queries.ts'

/** Revokes what this mandate created. Bypasses RLS, because the caller may have no other right to change it. */
export async function revokeCreatedByMandate(
  tx: Tx,
  context: ActionContext,
  ended: EndedMandate,
  byMandateId: string | null,
): Promise<void> {
  await revokeInvitations(bypassRls(tx), context, { mandateId: ended.id }, byMandateId)
  await revokeAdministration(tx, context, ended, byMandateId)
}

export type EndedMandate = { id: string; delegateId: string; organisationId: string; powers: Power[] }

type AdministeredOrganisation = { status: OrganisationStatus }

/** Whether the organisation has reached a final status, so that it needs no administrator. */
const isFinal = ({ status }: AdministeredOrganisation): boolean =>
  movesFrom(organisationLifecycle, status).length === 0

/** Revokes API clients and links of a person who has lost the last mandate to administer. */
async function revokeAdministration(
  tx: Tx,
  context: ActionContext,
  ended: EndedMandate,
  byMandateId: string | null,
): Promise<void> {
  if (!ended.powers.includes('administer') || (await hasOtherAdministration(tx, ended))) return
  // Bypasses RLS, because a mandate that has not started, or is in a sealed organisation, gives no right to this.
  await revokeSecretsOfAdministrator(bypassRls(tx), context, ended, byMandateId)
}

/**
 * Whether the person is the only member of an unverified organisation, which needs no administrator and expires by
 * itself.
 */
export const isSoleUnverifiedMember = async (
  tx: Tx,
  row: EndedMandate,
  { status }: AdministeredOrganisation,
): Promise<boolean> => !isVouchedFor(status) && !(await hasOtherPeople(tx, row))

/**
 * Throws 409 `last_administrator` if nobody else would administer the organisation. Locks it, so that of two who leave
 * concurrently the second is refused. `mayBeLeft` exempts organisations that need no administrator.
 */
export async function requireOtherAdministrator(
  tx: Tx,
  context: ActionContext,
  row: EndedMandate,
  mayBeLeft?: (tx: Tx, row: EndedMandate, organisation: AdministeredOrganisation) => Promise<boolean>,
): Promise<void> {
  if (!row.powers.includes('administer')) return
  const organisation = await lockOrganisation(tx, row.organisationId)
  if (!organisation || isFinal(organisation) || (await mayBeLeft?.(tx, row, organisation))) return
  // Bypasses RLS, because colleagues may not read whether others hold a token.
  if (!(await hasOtherAdministrator(bypassRls(tx), row.organisationId, row.id, context.now)))
    throw lastAdministrator()
}
