/** An organisation keeps somebody who administers it; what a mandate created ends with it. */
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

/** What was created by this mandate ends with it. Whoever ends it may have no right to change that otherwise. */
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

/** Nothing is left to administer. */
const isFinal = ({ status }: AdministeredOrganisation): boolean =>
  movesFrom(organisationLifecycle, status).length === 0

/** Who has lost the last mandate to administer leaves nothing behind that acts by it. */
async function revokeAdministration(
  tx: Tx,
  context: ActionContext,
  ended: EndedMandate,
  byMandateId: string | null,
): Promise<void> {
  if (!ended.powers.includes('administer') || (await hasOtherAdministration(tx, ended))) return
  // Also of those who lay down a mandate by which they administer nothing yet, or, under a seal, nothing any more.
  await revokeSecretsOfAdministrator(bypassRls(tx), context, ended, byMandateId)
}

/** Whether they are alone where nobody has vouched: there is nobody who could dissolve it, and it lapses by itself. */
export const isSoleUnverifiedMember = async (
  tx: Tx,
  row: EndedMandate,
  { status }: AdministeredOrganisation,
): Promise<boolean> => !isVouchedFor(status) && !(await hasOtherPeople(tx, row))

/**
 * Under the organisation's lock, so that of two who leave at once the second finds themselves the last. `mayBeLeft` lets go
 * of an organisation that nobody needs to administer.
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
  // Whether the others hold a token is for no colleague to read.
  if (!(await hasOtherAdministrator(bypassRls(tx), row.organisationId, row.id, context.now)))
    throw lastAdministrator()
}
