import type { Lifecycle } from '../platform/lifecycle/lifecycle.ts'

/**
 * `propose`, `agree` and `activate` happen by records: a proposal, the last acceptance, the last signature.
 * `lapse` and `expire` happen by the clock.
 */
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

/** The moves that a person may ask for; the others come from records and from the clock. */
export const askedPactMoves = ['withdraw', 'reopen', 'decline'] as const
export type AskedPactMove = (typeof askedPactMoves)[number]

export const purposes = ['mutual_support', 'strike_support', 'exchange', 'defence_of_the_persecuted'] as const
export type Purpose = (typeof purposes)[number]

/** A party that said no stays on record, but is a party no more. */
export const partyStatuses = ['invited', 'party', 'declined'] as const
export type PartyStatus = (typeof partyStatuses)[number]
