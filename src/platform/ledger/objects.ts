/** What the ledger tells of, and whether it is a person's matter: of those, nobody can read after 24 months who it was. */
import { daysAfter } from '../clock.ts'

export type Retention = 'lasting' | 'personal'

/** Each feature adds its kinds by declaration merging, in its `feature.ts`: its folder, and a union of names. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the platform has none of its own
export interface FeatureLedgerObjects {}

export type LedgerObject = FeatureLedgerObjects[keyof FeatureLedgerObjects]

const declared = new Map<LedgerObject, Retention>()

/** Called once, by the list of features. The database is told by `is_personal` in src/functions.sql. */
export function declareLedgerObjects(objects: Partial<Record<LedgerObject, Retention>>): void {
  for (const [object, retention] of Object.entries(objects)) declared.set(object as LedgerObject, retention)
}

export const allLedgerObjects = (): LedgerObject[] => [...declared.keys()].sort()
export const personalObjects = (): LedgerObject[] =>
  allLedgerObjects().filter((object) => declared.get(object) === 'personal')

/** 24 months, with one leap year. */
export const personalDaysKept = 731
/**
 * The age from which the database and verifiers accept a redacted entry. It is shorter than 24 months can be, because
 * clocks and years differ.
 */
const redactableAfterDays = 730

export const isRedactable = ({ object, at }: { object: string; at: string }, now: string): boolean =>
  personalObjects().some((personal) => personal === object) && at < daysAfter(now, -redactableAfterDays)
