import type { Lifecycle } from '../../platform/lifecycle/lifecycle.ts'
import type { OrganisationKind } from '../lifecycle.ts'

/** The parent must confirm a membership. Either side may end it. */
export const affiliationLifecycle = {
  requested: { confirm: 'confirmed', refuse: 'refused', end: 'ended' },
  confirmed: { end: 'ended' },
  refused: {},
  ended: {},
} as const satisfies Lifecycle

export type AffiliationStatus = keyof typeof affiliationLifecycle
export type AffiliationMove = 'confirm' | 'refuse' | 'end'

const umbrellas: readonly OrganisationKind[] = ['federation', 'coordination']

/**
 * The kinds that each kind may belong to. A workplace organisation may belong to a union; a committee has no members.
 */
export const parentKinds: Readonly<Record<OrganisationKind, readonly OrganisationKind[]>> = {
  strike_committee: ['union', ...umbrellas],
  works_council: ['union', ...umbrellas],
  workplace_group: ['union', ...umbrellas],
  support_group: ['union', ...umbrellas],
  union: umbrellas,
  federation: umbrellas,
  coordination: umbrellas,
}
