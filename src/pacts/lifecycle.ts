import type { Lifecycle } from '../platform/lifecycle/lifecycle.ts'

/** Records make `propose` (a proposal), `agree` (the last acceptance) and `activate` (the last signature). Jobs make `lapse` and `expire`. */
export const pactLifecycle = {
  draft: { propose: 'negotiating', withdraw: 'withdrawn' },
  negotiating: { agree: 'signing', decline: 'declined', withdraw: 'withdrawn' },
  signing: { activate: 'active', reopen: 'negotiating', lapse: 'lapsed', withdraw: 'withdrawn' },
  active: { expire: 'expired' },
  withdrawn: {},
  declined: {},
  lapsed: {},
  expired: {},
} as const satisfies Lifecycle

export type PactStatus = keyof typeof pactLifecycle

/** The moves that a person may request. Records and jobs make the others. */
export const askedPactMoves = ['withdraw', 'reopen', 'decline'] as const
export type AskedPactMove = (typeof askedPactMoves)[number]

export const purposes = ['mutual_support', 'strike_support', 'exchange', 'defence_of_the_persecuted'] as const
export type Purpose = (typeof purposes)[number]

/** An organisation that declined stays in the list, but is no longer a party. */
export const partyStatuses = ['invited', 'party', 'declined'] as const
export type PartyStatus = (typeof partyStatuses)[number]
