import type { Job } from '../platform/jobs/queue.ts'
import { sweepJob } from '../platform/jobs/sweeps.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { zoneRules, type ZoneRules } from '../platform/wire/zones.ts'
import { holdExpirySweep } from './bookings/actions.ts'
import { itineraryDeletionSweep } from './itinerary/actions.ts'
import { visitCompletionSweep, visitStartSweep } from './transitions.ts'
import { sealReleaseSweep, mandateReleaseSweep } from './participants/release.ts'
import { retimeVisits } from './retiming.ts'

export const visitJobsWith = (vault: Vault, rules: ZoneRules = zoneRules): readonly Job[] => [
  // At every start, because a new Node version has new rules, and hourly for visits that were locked then.
  {
    name: 'visits.retime',
    cron: '7 * * * *',
    atStart: true,
    run: (context, _payload, tell, clock) => retimeVisits(rules, context, tell, clock),
  },
  sweepJob('visits.start', visitStartSweep),
  sweepJob('visits.complete', visitCompletionSweep),
  sweepJob('bookings.expire_holds', holdExpirySweep),
  sweepJob('itineraries.forget', itineraryDeletionSweep(vault), '23 * * * *'),
  // Not every minute: it reads every future visit.
  sweepJob('participants.release', mandateReleaseSweep, '*/5 * * * *'),
  sweepJob('participants.release_from_sealed', sealReleaseSweep, '*/5 * * * *'),
]
