/** Whose invitations may this caller read and revoke? */
import { mandatesOf, type Caller, type LiveMandate, type Power } from '../../platform/access.ts'

/** Coordinators of the coordination, and whoever administers it. */
const lookingAfter: readonly Power[] = ['vouch', 'administer']

const looksAfter = (mandate: LiveMandate): boolean =>
  mandate.organisationKind === 'coordination' && lookingAfter.some((power) => mandate.powers.includes(power))

export const coordinationsOf = (caller: Caller): string[] => [
  ...new Set(
    mandatesOf(caller)
      .filter(looksAfter)
      .map((mandate) => mandate.organisationId),
  ),
]

export const mandateLookingAfter = (caller: Caller, organisationId: string): LiveMandate | undefined =>
  mandatesOf(caller).find((mandate) => mandate.organisationId === organisationId && looksAfter(mandate))

export const mayInvite = ({ organisationKind, organisationStatus }: LiveMandate): boolean =>
  organisationKind === 'coordination' && organisationStatus === 'verified'
