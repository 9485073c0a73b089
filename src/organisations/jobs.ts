import type { Job } from '../platform/jobs/queue.ts'
import { deletionJob, sweepJob } from '../platform/jobs/sweeps.ts'
import { deleteDeadInvitations } from './invitations/actions.ts'
import { skeletonRenewal } from './possible-duplicates/renewal.ts'
import { organisationLapses } from './verification-queue/expiry.ts'

export const organisationLapse = sweepJob('organisations.lapse', organisationLapses, '37 * * * *')

export const organisationJobs: readonly Job[] = [
  organisationLapse,
  skeletonRenewal,
  deletionJob('invitations.forget_dead', '33 * * * *', deleteDeadInvitations),
]
