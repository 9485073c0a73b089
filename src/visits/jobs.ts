import type { Job } from '../platform/jobs.ts'
import { sweepJob } from '../platform/sweep.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { zoneRules, type ZoneRules } from '../platform/zones.ts'
import { expiringHolds } from './bookings/actions.ts'
import { forgettingItineraries } from './itinerary/actions.ts'
import { completingVisits, startingVisits } from './moving.ts'
import { releasingFromSealed, releasingUnmandated } from './participants/releasing.ts'
import { retimeVisits } from './retiming.ts'

export const visitJobsWith = (vault: Vault, rules: ZoneRules = zoneRules): readonly Job[] => [
  // At every start, because a new release of Node brings new rules; and hourly, for what was locked then.
  {
    name: 'visits.retime',
    cron: '7 * * * *',
    atStart: true,
    run: (act, _payload, tell, clock) => retimeVisits(rules, act, tell, clock),
  },
  sweepJob('visits.start', startingVisits),
  sweepJob('visits.complete', completingVisits),
  sweepJob('bookings.expire_holds', expiringHolds),
  sweepJob('itineraries.forget', forgettingItineraries(vault), '23 * * * *'),
  // It looks at every visit to come.
  sweepJob('participants.release', releasingUnmandated, '*/5 * * * *'),
  sweepJob('participants.release_from_sealed', releasingFromSealed, '*/5 * * * *'),
]
