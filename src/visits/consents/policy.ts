/** Decides who may read whose identity, and for how long. Pure. */
import { daysAfter } from '../../platform/clock.ts'
import type { Side, VisitStatus } from '../lifecycle.ts'
import { absentStatuses, type ParticipantStatus } from '../participants/lifecycle.ts'
import { isCalledOff } from '../policy.ts'

/** Identities are disclosed until everybody is home. */
const disclosureDaysAfterVisit = 14

type Participation = {
  side: Side
  status: ParticipantStatus
  createdAt: string
  agreedAt: string | null
  consentedAt: string | null
}

export const takesPart = (row: Pick<Participation, 'agreedAt' | 'status'>): boolean =>
  row.agreedAt !== null && !absentStatuses.includes(row.status)

/** Whether both consented after the other was nominated. A consent does not cover participants added later. */
export const haveConsentedToEachOther = (one: Participation, other: Participation): boolean =>
  one.side !== other.side && covers(one, other) && covers(other, one)

const covers = (one: Participation, other: Participation): boolean =>
  takesPart(one) && one.consentedAt !== null && one.consentedAt >= other.createdAt

export const isWithinDisclosurePeriod = (
  visit: { status: VisitStatus; spanEndsAt: string },
  now: string,
): boolean => !isCalledOff(visit) && daysAfter(visit.spanEndsAt, disclosureDaysAfterVisit) > now
