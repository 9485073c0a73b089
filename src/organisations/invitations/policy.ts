/** Who may read and revoke the invitations of a coordination. */
import { mandatesOf, type Caller, type LiveMandate, type Power } from '../../platform/access.ts'

/** The powers that may manage invitations: coordinators and administrators of the coordination. */
const managingPowers: readonly Power[] = ['vouch', 'administer']

const managesInvitations = (mandate: LiveMandate): boolean =>
  mandate.organisationKind === 'coordination' &&
  managingPowers.some((power) => mandate.powers.includes(power))

export const managedCoordinationIds = (caller: Caller): string[] => [
  ...new Set(
    mandatesOf(caller)
      .filter(managesInvitations)
      .map((mandate) => mandate.organisationId),
  ),
]

export const mandateToManage = (caller: Caller, organisationId: string): LiveMandate | undefined =>
  mandatesOf(caller).find(
    (mandate) => mandate.organisationId === organisationId && managesInvitations(mandate),
  )

export const mayInvite = ({ organisationKind, organisationStatus }: LiveMandate): boolean =>
  organisationKind === 'coordination' && organisationStatus === 'verified'
