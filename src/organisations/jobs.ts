import type { Job } from '../platform/jobs.ts'
import { forgettingJob, sweepJob } from '../platform/sweep.ts'
import { forgetDeadInvitations } from './invitations/actions.ts'
import { skeletonRenewal } from './possible-duplicates/renewal.ts'
import { lapsingOrganisations } from './waiting/lapsing.ts'

export const organisationLapse = sweepJob('organisations.lapse', lapsingOrganisations, '37 * * * *')

export const organisationJobs: readonly Job[] = [
  organisationLapse,
  skeletonRenewal,
  forgettingJob('invitations.forget_dead', '33 * * * *', forgetDeadInvitations),
]
