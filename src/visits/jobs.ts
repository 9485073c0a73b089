import type { Job } from '../platform/jobs.ts'
import { sweepJob } from '../platform/sweep.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { expiringHolds } from './bookings/actions.ts'
import { forgettingItineraries } from './itinerary/actions.ts'
import { completingVisits, startingVisits } from './moving.ts'
import { releasingFromSealed, releasingUnmandated } from './participants/releasing.ts'

export const visitJobsWith = (vault: Vault): readonly Job[] => [
  sweepJob('visits.start', startingVisits),
  sweepJob('visits.complete', completingVisits),
  sweepJob('bookings.expire_holds', expiringHolds),
  sweepJob('itineraries.forget', forgettingItineraries(vault), '23 * * * *'),
  // It looks at every visit to come.
  sweepJob('participants.release', releasingUnmandated, '*/5 * * * *'),
  sweepJob('participants.release_from_sealed', releasingFromSealed, '*/5 * * * *'),
]
