import { sweepEveryMinute, type Job } from '../platform/jobs.ts'
import { expireHolds } from './bookings/actions.ts'
import { completeEnded, startDue } from './moving.ts'
import { releaseUnmandatedEverywhere } from './participants/releasing.ts'

export const visitJobs: readonly Job[] = [
  { name: 'visits.start', cron: sweepEveryMinute, run: startDue },
  { name: 'visits.complete', cron: sweepEveryMinute, run: completeEnded },
  { name: 'bookings.expire_holds', cron: sweepEveryMinute, run: expireHolds },
  // It looks at every visit to come.
  { name: 'participants.release', cron: '*/5 * * * *', run: releaseUnmandatedEverywhere },
]
