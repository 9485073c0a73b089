/** What the ledger tells of, and whether it is a person's matter: of those, nobody can read after 24 months who it was. */
import { daysAfter } from '../clock.ts'

/** A new kind of thing says here how long its entries speak; functions.sql tells the database (`is_personal`). */
export const ledgerObjects = {
  affiliation: 'lasting',
  booking: 'personal',
  contact_channels: 'lasting',
  delegate: 'personal',
  disclosure: 'personal',
  enrolment_link: 'personal',
  identity: 'personal',
  identity_budget: 'personal',
  identity_read: 'personal',
  invitation: 'lasting',
  itinerary: 'personal',
  mandate: 'personal',
  offer_link: 'lasting',
  organisation: 'lasting',
  pact: 'lasting',
  participant: 'personal',
  proposal: 'lasting',
  recovery: 'personal',
  response: 'lasting',
  seal: 'lasting',
  second_factor: 'personal',
  token: 'personal',
  visit: 'lasting',
  worksite: 'lasting',
} as const satisfies Record<string, 'lasting' | 'personal'>

export type LedgerObject = keyof typeof ledgerObjects

export const personalObjects = (Object.keys(ledgerObjects) as LedgerObject[]).filter(
  (object) => ledgerObjects[object] === 'personal',
)

/** 24 months, of which one may be long. */
export const personalDaysKept = 731
/** From when on the database and whoever verifies take it for the end of the 24 months: clocks differ, and so do years. */
const redactableAfterDays = 730

export const isRedactable = ({ object, at }: { object: string; at: string }, now: string): boolean =>
  personalObjects.some((personal) => personal === object) && at < daysAfter(now, -redactableAfterDays)
