import type { Job } from '../platform/jobs/queue.ts'
import { deletionJob, sweepJob } from '../platform/jobs/sweeps.ts'
import { deleteExpiredInvitations } from './invitations/actions.ts'
import { skeletonRenewal } from './possible-duplicates/skeleton-renewal.ts'
import { registrationExpiry } from './verification-queue/expiry.ts'

export const organisationLapse = sweepJob('organisations.lapse', registrationExpiry, '37 * * * *')

export const organisationJobs: readonly Job[] = [
  organisationLapse,
  skeletonRenewal,
  deletionJob('invitations.forget_dead', '33 * * * *', deleteExpiredInvitations),
]
