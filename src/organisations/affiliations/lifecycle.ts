import type { Lifecycle } from '../../platform/lifecycle/lifecycle.ts'
import type { OrganisationKind } from '../lifecycle.ts'

/** Nobody becomes a member by saying so: the one that is joined confirms. Either side may end it. */
export const affiliationLifecycle = {
  requested: { confirm: 'confirmed', refuse: 'refused', end: 'ended' },
  confirmed: { end: 'ended' },
  refused: {},
  ended: {},
} as const satisfies Lifecycle

export type AffiliationStatus = keyof typeof affiliationLifecycle
export type AffiliationMove = 'confirm' | 'refuse' | 'end'

const umbrellas: readonly OrganisationKind[] = ['federation', 'coordination']

/** What each kind may belong to. Who organises at a workplace may also be a part of a union; a committee has no parts. */
export const parentKinds: Readonly<Record<OrganisationKind, readonly OrganisationKind[]>> = {
  strike_committee: ['union', ...umbrellas],
  works_council: ['union', ...umbrellas],
  workplace_group: ['union', ...umbrellas],
  support_group: ['union', ...umbrellas],
  union: umbrellas,
  federation: umbrellas,
  coordination: umbrellas,
}
