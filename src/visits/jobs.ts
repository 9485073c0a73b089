import type { Job } from '../platform/jobs/queue.ts'
import { sweepJob } from '../platform/jobs/sweeps.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { zoneRules, type ZoneRules } from '../platform/wire/zones.ts'
import { holdExpiries } from './bookings/actions.ts'
import { itineraryDeletions } from './itinerary/actions.ts'
import { visitCompletions, visitStarts } from './transitions.ts'
import { releaseFromSealed, unmandatedRelease } from './participants/release.ts'
import { retimeVisits } from './retiming.ts'

export const visitJobsWith = (vault: Vault, rules: ZoneRules = zoneRules): readonly Job[] => [
  // At every start, because a new release of Node brings new rules; and hourly, for what was locked then.
  {
    name: 'visits.retime',
    cron: '7 * * * *',
    atStart: true,
    run: (context, _payload, tell, clock) => retimeVisits(rules, context, tell, clock),
  },
  sweepJob('visits.start', visitStarts),
  sweepJob('visits.complete', visitCompletions),
  sweepJob('bookings.expire_holds', holdExpiries),
  sweepJob('itineraries.forget', itineraryDeletions(vault), '23 * * * *'),
  // It looks at every visit to come.
  sweepJob('participants.release', unmandatedRelease, '*/5 * * * *'),
  sweepJob('participants.release_from_sealed', releaseFromSealed, '*/5 * * * *'),
]
